package vitals

import "time"

// historyKept readings are an hour at the default interval.
const historyKept = 720

// point is a Reading in 48 bytes, so that an hour of them takes less than 50 KiB.
type point struct {
	at      int64 // in Unix nanoseconds
	figures [9]float32
}

func packed(r *Reading) point {
	return point{r.At.UnixNano(), [...]float32{
		r.RSS.pack(), float32(r.HeapLive), float32(r.HeapHeld), r.CPU.pack(), float32(r.Goroutines), r.Links.pack(),
		r.SystemCPU.pack(), r.SystemMemory.pack(), r.SystemAvailable.pack(),
	}}
}

func (p *point) reading(started time.Time) Reading {
	f := &p.figures
	return Reading{
		At: time.Unix(0, p.at), Started: started,
		RSS: unpack(f[0]), HeapLive: uint64(f[1]), HeapHeld: uint64(f[2]), CPU: unpack(f[3]), Goroutines: int(f[4]),
		Links: unpack(f[5]), SystemCPU: unpack(f[6]), SystemMemory: unpack(f[7]), SystemAvailable: unpack(f[8]),
	}
}

// ring keeps the last values of those put into it. Its zero value is empty.
type ring[T any] struct {
	kept []T
	next int // where the oldest is, once it is full
}

// put adds v, in place of the oldest when there are size of them.
func (r *ring[T]) put(v T, size int) {
	if len(r.kept) < size {
		r.kept = append(r.kept, v)
		return
	}
	r.kept[r.next] = v
	r.next = (r.next + 1) % size
}

// list returns a copy, the newest last.
func (r *ring[T]) list() []T {
	return append(append(make([]T, 0, len(r.kept)), r.kept[r.next:]...), r.kept[:r.next]...)
}
