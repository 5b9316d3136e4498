package tray

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"
)

// iconSize is the one size that is given to panels on Linux, which scale it down.
const iconSize = 64

// iconSizes are those that Windows chooses from, by the scale of the screen.
var iconSizes = []int{16, 20, 24, 32, 48}

// pngIcon is an icon for Linux.
func pngIcon(icon Icon, badge bool) []byte { return encodePNG(paint(icon, badge, iconSize, false)) }

// templateIcon is an icon for macOS, which colours it as the menu bar needs: its
// shape alone has to tell.
func templateIcon(icon Icon, badge bool) []byte { return encodePNG(paint(icon, badge, 44, true)) }

func encodePNG(img image.Image) []byte {
	var b bytes.Buffer
	png.Encode(&b, img) // fails only for sizes that we do not have
	return b.Bytes()
}

// icoIcon is an icon for Windows: a directory of bitmaps with 32 bits a pixel, which
// every version reads. The layout is that of
// https://devblogs.microsoft.com/oldnewthing/20101018-00/?p=12513.
func icoIcon(icon Icon, badge bool) []byte {
	var directory, images bytes.Buffer
	put := func(b *bytes.Buffer, values ...any) {
		for _, v := range values {
			binary.Write(b, binary.LittleEndian, v) // a buffer takes everything
		}
	}
	put(&directory, uint16(0), uint16(1), uint16(len(iconSizes)))
	offset := 6 + 16*len(iconSizes)
	for _, size := range iconSizes {
		bitmap := icoBitmap(paint(icon, badge, size, false))
		put(&directory, uint8(size), uint8(size), uint8(0), uint8(0), uint16(1), uint16(32), uint32(len(bitmap)), uint32(offset))
		images.Write(bitmap)
		offset += len(bitmap)
	}
	return append(directory.Bytes(), images.Bytes()...)
}

// icoBitmap is one picture of an ICO file: the header counts the rows of the colours
// and of the mask together, and rows run from the bottom up.
func icoBitmap(img *image.NRGBA) []byte {
	size := img.Rect.Dx()
	maskRow := (size + 31) / 32 * 4
	b := make([]byte, 40, 40+size*size*4+size*maskRow)
	binary.LittleEndian.PutUint32(b[0:], 40)
	binary.LittleEndian.PutUint32(b[4:], uint32(size))
	binary.LittleEndian.PutUint32(b[8:], uint32(size*2))
	binary.LittleEndian.PutUint16(b[12:], 1)
	binary.LittleEndian.PutUint16(b[14:], 32)
	for y := size - 1; y >= 0; y-- {
		for x := range size {
			c := img.NRGBAAt(x, y)
			b = append(b, c.B, c.G, c.R, c.A)
		}
	}
	mask := make([]byte, maskRow*size)
	for y := range size {
		for x := range size {
			if img.NRGBAAt(x, size-1-y).A == 0 {
				mask[y*maskRow+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return append(b, mask...)
}
