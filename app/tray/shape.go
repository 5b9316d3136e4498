package tray

import (
	"image"
	"image/color"
	"math"
)

// Colours of the icons: the dashboard's, between those of its light and its dark
// theme, since panels come in both.
var (
	green = color.NRGBA{0x2f, 0xb0, 0x7f, 0xff}
	amber = color.NRGBA{0xe8, 0x9a, 0x1c, 0xff}
	red   = color.NRGBA{0xe5, 0x48, 0x4d, 0xff}
	blue  = color.NRGBA{0x6a, 0x8b, 0xff, 0xff}
	grey  = color.NRGBA{0x93, 0x9d, 0xac, 0xff}
	white = color.NRGBA{0xff, 0xff, 0xff, 0xff}
)

var iconColours = [...]color.NRGBA{Healthy: green, Degraded: amber, Down: red, Connecting: blue, Paused: grey}

// distance returns how far (x, y) is outside a shape, negative inside. The icon is the
// square from -1 to 1.
type distance func(x, y float64) float64

var iconShapes = [...]distance{
	Healthy:    disc(0, 0, 0.86),
	Degraded:   triangle,
	Down:       func(x, y float64) float64 { return box(x, y, 0.76, 0.76, 0.14) },
	Connecting: dashes,
	Paused:     ring,
}

func disc(cx, cy, r float64) distance {
	return func(x, y float64) float64 { return math.Hypot(x-cx, y-cy) - r }
}

// box is a rectangle with round corners around the origin.
func box(x, y, w, h, round float64) float64 {
	dx, dy := math.Abs(x)-w+round, math.Abs(y)-h+round
	return math.Hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - round
}

func ring(x, y float64) float64 { return math.Abs(math.Hypot(x, y)-0.66) - 0.2 }

// dashes is a thinner ring cut into six.
func dashes(x, y float64) float64 {
	const n = 6
	r := math.Hypot(x, y)
	turn := math.Mod(math.Atan2(y, x)+2*math.Pi, 2*math.Pi/n) - math.Pi/n
	gap := 0.13 - r*math.Sin(math.Pi/n-math.Abs(turn))
	return max(math.Abs(r-0.7)-0.17, gap)
}

// triangle points up; its corners are round.
func triangle(x, y float64) float64 {
	const round = 0.14
	flat := y - 0.76 + round
	side := (math.Abs(x)*1.8+(-y-0.94))/math.Hypot(1.8, 1) + round
	return math.Hypot(max(flat, 0), max(side, 0)) + min(max(flat, side), 0) - round
}

// The badge is a disc with an exclamation mark at the lower right, in a gap of its own.
const badgeX, badgeY, badgeR, badgeGap = 0.5, 0.46, 0.5, 0.13

func badgeMark(x, y float64) float64 {
	x, y = x-badgeX, y-badgeY
	return min(box(x, y+0.1, 0.085, 0.2, 0.06), math.Hypot(x, y-0.25)-0.1)
}

// paint draws an icon with edges one pixel soft. A template is black on nothing, as
// macOS wants it.
func paint(icon Icon, badge bool, size int, template bool) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	scale := float64(size) / 2
	cover := func(d float64) float64 { return min(max(0.5-d*scale, 0), 1) }
	ink, badgeInk := iconColours[icon], red
	if template {
		ink, badgeInk = color.NRGBA{A: 0xff}, color.NRGBA{A: 0xff}
	}
	for py := range size {
		for px := range size {
			x, y := (float64(px)+0.5)/scale-1, (float64(py)+0.5)/scale-1
			shown := ink
			a := cover(iconShapes[icon](x, y))
			if badge {
				d := disc(badgeX, badgeY, badgeR)(x, y)
				a *= 1 - cover(d-badgeGap)
				if on := cover(d); on > 0 {
					shown, a = badgeInk, max(a, on)
					mark := cover(badgeMark(x, y))
					if template {
						a *= 1 - mark
					} else {
						shown = mix(badgeInk, white, mark)
					}
				}
			}
			shown.A = uint8(math.Round(a * 255))
			img.SetNRGBA(px, py, shown)
		}
	}
	return img
}

func mix(a, b color.NRGBA, share float64) color.NRGBA {
	blend := func(x, y uint8) uint8 { return uint8(math.Round(float64(x)*(1-share) + float64(y)*share)) }
	return color.NRGBA{blend(a.R, b.R), blend(a.G, b.G), blend(a.B, b.B), 0xff}
}
