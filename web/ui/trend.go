package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Trend is how a link did at its last checks, the newest last.
type Trend struct {
	Beats []Beat
	// Text says the same in words.
	Text string
}

// Beat is one check.
type Beat struct {
	Level Level
	// Took is the round trip; 0 when unknown.
	Took time.Duration
}

// BeatSlots is how many beats a bar has room for.
const BeatSlots = 40

// stroke is one path of a picture.
type stroke struct{ class, path string }

// beatRows is where the bars of each class lie in a picture that is 20 high: they are
// tall when all was well, and short when not, so that colour is not alone.
var beatRows = map[string]string{"up": "10", "slow": "12", "down": "15", "none": "17"}

// beatPaths draws the bars: one path for each class that occurs, in which each run of
// equal beats is one line; the style sheet cuts the lines into bars. The newest beat
// is at the right.
func beatPaths(beats []Beat) []stroke {
	beats = beats[max(0, len(beats)-BeatSlots):]
	classes := make([]string, BeatSlots)
	for i := range classes {
		classes[i] = "none"
	}
	for i, b := range beats {
		switch b.Level {
		case Up, Slow:
			classes[BeatSlots-len(beats)+i] = b.Level.String()
		case Paused:
		default:
			classes[BeatSlots-len(beats)+i] = "down"
		}
	}
	var strokes []stroke
	for start := 0; start < BeatSlots; {
		end := start + 1
		for end < BeatSlots && classes[end] == classes[start] {
			end++
		}
		class := classes[start]
		path := fmt.Sprintf("M%d %sh%d", start*10+2, beatRows[class], (end-start)*10-4)
		known := false
		for i := range strokes {
			if strokes[i].class == class {
				strokes[i].path += path
				known = true
			}
		}
		if !known {
			strokes = append(strokes, stroke{class, path})
		}
		start = end
	}
	return strokes
}

// sparkPaths draws round trips as a line, and the area under it, in a picture of 380 by
// 32. Each point is the mean of two beats. Both are empty when there are not two points.
func sparkPaths(beats []Beat) (line, area string) {
	beats = beats[max(0, len(beats)-BeatSlots):]
	type point struct {
		x    int
		took time.Duration
	}
	var points []point
	var top time.Duration
	for slot := 0; slot < BeatSlots; slot += 2 {
		var sum time.Duration
		known := 0
		for i := slot; i < slot+2; i++ {
			// A gap is bridged: the bars tell of failures.
			if at := i - BeatSlots + len(beats); at >= 0 && beats[at].Took > 0 {
				sum += beats[at].Took
				known++
			}
		}
		if known > 0 {
			p := point{slot * 10, sum / time.Duration(known)}
			points, top = append(points, p), max(top, p.took)
		}
	}
	if len(points) < 2 {
		return "", ""
	}
	// A quiet line should lie calm: the scale has room above, and no less than 40 ms.
	scale := max(float64(top)*1.25, float64(40*time.Millisecond))
	var path strings.Builder
	for i, p := range points {
		path.WriteString([]string{"M", "L", " "}[min(i, 2)])
		path.WriteString(strconv.Itoa(p.x) + " " + strconv.Itoa(30-int(float64(p.took)/scale*28)))
	}
	line = path.String()
	return line, fmt.Sprintf("%s %d 32 %d 32z", line, points[len(points)-1].x, points[0].x)
}
