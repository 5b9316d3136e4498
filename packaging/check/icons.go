package main

import (
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
)

// tolerance is how far a drawing of another version of the library may be from ours,
// as the mean difference of a colour value out of 255.
const tolerance = 1.0

// icons draws the committed icons anew and compares them.
func (s *suite) icons() error {
	if err := need("rsvg-convert"); err != nil {
		return err
	}
	dir, err := s.folder("icons")
	if err != nil {
		return err
	}
	for _, size := range []string{"16", "24", "32", "48", "64", "128", "256", "512"} {
		file := filepath.Join(dir, size+".png")
		if _, err := ask("rsvg-convert", "--width", size, "--height", size, "--output", file, "assets/static/icon.svg"); err != nil {
			return err
		}
		d, err := difference(filepath.Join("packaging/icons", size+".png"), file)
		if err != nil {
			return err
		}
		if d > tolerance {
			return fmt.Errorf("packaging/icons/%s.png is not what assets/static/icon.svg shows (off by %.1f): run packaging/icons/draw", size, d)
		}
	}
	return nil
}

// difference returns the mean difference of the colour values of two pictures, 0 to 255.
func difference(a, b string) (float64, error) {
	one, err := readPNG(a)
	if err != nil {
		return 0, err
	}
	two, err := readPNG(b)
	if err != nil {
		return 0, err
	}
	if one.Bounds() != two.Bounds() {
		return 0, fmt.Errorf("%s is %v, %s is %v", a, one.Bounds(), b, two.Bounds())
	}
	sum, n := 0.0, 0
	for y := one.Bounds().Min.Y; y < one.Bounds().Max.Y; y++ {
		for x := one.Bounds().Min.X; x < one.Bounds().Max.X; x++ {
			r1, g1, b1, a1 := one.At(x, y).RGBA()
			r2, g2, b2, a2 := two.At(x, y).RGBA()
			for _, pair := range [][2]uint32{{r1, r2}, {g1, g2}, {b1, b2}, {a1, a2}} {
				sum += math.Abs(float64(pair[0])-float64(pair[1])) / 257
				n++
			}
		}
	}
	return sum / float64(n), nil
}

func readPNG(file string) (image.Image, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return png.Decode(f)
}
