package web

import (
	"encoding/binary"
	"math"
)

// A parcel is what a row on disk holds: whole numbers, texts and figures, one after the other.
// The first byte is the version of its form.
type parcel []byte

// parcelVersion is the form of today. Parcels of other forms are not read.
const parcelVersion = 1

func newParcel() parcel { return parcel{parcelVersion} }

func (p *parcel) number(n int64) { *p = binary.AppendUvarint(*p, uint64(max(n, 0))) }

func (p *parcel) text(s string) {
	p.number(int64(len(s)))
	*p = append(*p, s...)
}

func (p *parcel) figure(x float64) {
	*p = binary.LittleEndian.AppendUint64(*p, math.Float64bits(x))
}

// unpacker reads a parcel that may come from anybody. Once something is wrong it yields
// zeros, and bad is true.
type unpacker struct {
	rest []byte
	bad  bool
}

func unpack(b []byte) unpacker {
	if len(b) == 0 || b[0] != parcelVersion {
		return unpacker{bad: true}
	}
	return unpacker{rest: b[1:]}
}

func (u *unpacker) fail() {
	u.rest, u.bad = nil, true
}

// number reads a whole number of most at most.
func (u *unpacker) number(most int64) int64 {
	n, size := binary.Uvarint(u.rest)
	if size <= 0 || n > uint64(most) {
		u.fail()
		return 0
	}
	u.rest = u.rest[size:]
	return int64(n)
}

// text reads a text of most bytes at most, in plain letters and the signs of names and keys.
func (u *unpacker) text(most int) string {
	n := int(u.number(int64(most)))
	if n > len(u.rest) {
		u.fail()
		return ""
	}
	text := u.rest[:n]
	u.rest = u.rest[n:]
	for _, c := range text {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-') {
			u.fail()
			return ""
		}
	}
	return string(text)
}

// figure reads a figure from 0 to most.
func (u *unpacker) figure(most float64) float64 {
	if len(u.rest) < 8 {
		u.fail()
		return 0
	}
	x := math.Float64frombits(binary.LittleEndian.Uint64(u.rest))
	if !(x >= 0 && x <= most) { // nor what is no number
		u.fail()
		return 0
	}
	u.rest = u.rest[8:]
	return x
}

// timeKey is the key of the row of a moment: the order of keys is that of time.
func timeKey(at int64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(max(at, 0)))
	return string(b[:])
}

// keyTime is the moment of a key.
func keyTime(key string) (int64, bool) {
	if len(key) != 8 {
		return 0, false
	}
	n := binary.BigEndian.Uint64([]byte(key))
	return int64(n), n <= 1<<40
}
