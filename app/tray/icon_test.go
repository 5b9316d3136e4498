package tray

import (
	"bytes"
	"encoding/binary"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write golden files anew")

const golden = "testdata/icons.png"

// sheet is every icon, with and without a badge, in the sizes that matter, on a light
// and on a dark ground.
func sheet() *image.NRGBA {
	sizes := []int{16, 22, 32, 64}
	img := image.NewNRGBA(image.Rect(0, 0, len(Icons())*2*72, 2*(16+22+32+64+4*8)))
	y := 0
	for _, ground := range []color.Color{color.NRGBA{0xf6, 0xf7, 0xf9, 0xff}, color.NRGBA{0x1b, 0x1f, 0x26, 0xff}} {
		draw.Draw(img, image.Rect(0, y, img.Rect.Dx(), y+166), image.NewUniform(ground), image.Point{}, draw.Src)
		for _, size := range sizes {
			for i, icon := range Icons() {
				for j, badge := range []bool{false, true} {
					at := image.Pt((2*i+j)*72+4, y+4)
					draw.Draw(img, image.Rectangle{at, at.Add(image.Pt(size, size))}, drawIcon(icon, badge, size), image.Point{}, draw.Over)
				}
			}
			y += size + 8
		}
	}
	return img
}

func drawIcon(icon Icon, badge bool, size int) image.Image { return paint(icon, badge, size, false) }

func TestIconsLookAsTheyDid(t *testing.T) {
	got := sheet()
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, encodePNG(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	want, err := png.Decode(bytes.NewReader(raw))
	if err != nil || want.Bounds() != got.Bounds() {
		t.Fatalf("%v, %v", err, want.Bounds())
	}
	for y := range got.Rect.Dy() {
		for x := range got.Rect.Dx() {
			a, b := got.NRGBAAt(x, y), color.NRGBAModel.Convert(want.At(x, y)).(color.NRGBA)
			// Processors round differently.
			if near(a.R, b.R)+near(a.G, b.G)+near(a.B, b.B)+near(a.A, b.A) > 6 {
				t.Fatalf("pixel %d,%d is %v, was %v (-update writes them anew)", x, y, a, b)
			}
		}
	}
}

func near(a, b uint8) int { return int(math.Abs(float64(a) - float64(b))) }

// TestIconsDifferByShape compares what is covered, without colours, at the smallest size.
func TestIconsDifferByShape(t *testing.T) {
	const size = 16
	cover := func(icon Icon, badge bool) *image.NRGBA { return paint(icon, badge, size, true) }
	apart := func(a, b *image.NRGBA) (n int) {
		for y := range size {
			for x := range size {
				if near(a.NRGBAAt(x, y).A, b.NRGBAAt(x, y).A) > 100 {
					n++
				}
			}
		}
		return n
	}
	for i, a := range Icons() {
		if iconColours[a] == iconColours[(a+1)%5] {
			t.Errorf("%v has the colour of another", a)
		}
		for _, b := range Icons()[i+1:] {
			if n := apart(cover(a, false), cover(b, false)); n < 12 {
				t.Errorf("%v and %v differ in %d pixels only", a, b, n)
			}
		}
		if n := apart(cover(a, false), cover(a, true)); n < 12 {
			t.Errorf("the badge on %v changes %d pixels only", a, n)
		}
	}
}

// TestICO reads the files for Windows back, entry by entry.
func TestICO(t *testing.T) {
	file := icoIcon(Down, true)
	u16 := func(at int) int { return int(binary.LittleEndian.Uint16(file[at:])) }
	u32 := func(at int) int { return int(binary.LittleEndian.Uint32(file[at:])) }
	if u16(0) != 0 || u16(2) != 1 || u16(4) != len(iconSizes) {
		t.Fatalf("header % x", file[:6])
	}
	end := 6 + 16*len(iconSizes)
	for i, size := range iconSizes {
		entry := 6 + 16*i
		length, offset := u32(entry+8), u32(entry+12)
		if int(file[entry]) != size || int(file[entry+1]) != size || u16(entry+4) != 1 || u16(entry+6) != 32 || offset != end || offset+length > len(file) {
			t.Fatalf("entry %d: % x", i, file[entry:entry+16])
		}
		end += length
		if u32(offset) != 40 || u32(offset+4) != size || u32(offset+8) != 2*size || u16(offset+14) != 32 || u32(offset+16) != 0 {
			t.Fatalf("bitmap %d: % x", i, file[offset:offset+40])
		}
		mask := (size + 31) / 32 * 4
		if length != 40+size*size*4+size*mask {
			t.Fatalf("bitmap %d has %d bytes", i, length)
		}
		want := paint(Down, true, size, false)
		for y := range size {
			for x := range size {
				at := offset + 40 + ((size-1-y)*size+x)*4
				c := want.NRGBAAt(x, y)
				if !bytes.Equal(file[at:at+4], []byte{c.B, c.G, c.R, c.A}) {
					t.Fatalf("size %d, pixel %d,%d: % x, want %v", size, x, y, file[at:at+4], c)
				}
				bit := file[offset+40+size*size*4+(size-1-y)*mask+x/8]>>(7-x%8)&1 == 1
				if bit != (c.A == 0) {
					t.Fatalf("size %d, pixel %d,%d: mask %v", size, x, y, bit)
				}
			}
		}
	}
	if end != len(file) {
		t.Errorf("%d bytes, want %d", len(file), end)
	}
}

func TestPNG(t *testing.T) {
	for _, icon := range Icons() {
		for file, size := range map[string]int{string(pngIcon(icon, true)): iconSize, string(templateIcon(icon, true)): 44} {
			img, err := png.Decode(bytes.NewReader([]byte(file)))
			if err != nil || img.Bounds().Dx() != size || img.Bounds().Dy() != size {
				t.Errorf("%v: %v %v", icon, err, img.Bounds())
			}
		}
	}
	for y := range 44 {
		for x := range 44 {
			if c := paint(Healthy, true, 44, true).NRGBAAt(x, y); c.R|c.G|c.B != 0 {
				t.Fatalf("a template has colour at %d,%d: %v", x, y, c)
			}
		}
	}
}

func BenchmarkDraw(b *testing.B) {
	for b.Loop() {
		pngIcon(Degraded, true)
	}
}
