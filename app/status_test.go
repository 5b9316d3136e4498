package app

import (
	"regexp"
	"strconv"
	"testing"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/vitals"
)

func TestUseText(t *testing.T) {
	known := func(n float64) vitals.Figure { return vitals.Figure{Value: n, Known: true} }
	for _, c := range []struct {
		lang string
		r    vitals.Reading
		want string
	}{
		{"en", vitals.Reading{RSS: known(31 << 20), CPU: known(0.0034)}, "Memory 31 MB, CPU 0.3 %."},
		{"zh", vitals.Reading{RSS: known(31 << 20), CPU: known(1.5)}, "内存 31 MB，CPU 150.0 %。"},
		{"en", vitals.Reading{RSS: known(31 << 20)}, "Memory 31 MB, CPU n/a."},
		{"zh", vitals.Reading{}, "内存 未知，CPU 未知。"},
	} {
		if got := useText(assets.Words(c.lang), c.r); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// TestStatusToolTellsReadings asks the program through an endpoint, and holds its memory
// against what the system says.
func TestStatusToolTellsReadings(t *testing.T) {
	b, base := practice(t, broker.Official)
	p := startProgram(t, `{"mcpEndpoint": `+quoted(b.URL(base, "1"))+`, "language": "en"}`)
	pattern := regexp.MustCompile(`Memory (\d+) MB, CPU \d+\.\d %\.`)
	var said []string
	p.eventually("readings in the answer", func() bool {
		result, err := b.Robot("1").Call(t.Context(), "switchboard__status", nil)
		if err != nil {
			return false
		}
		said = pattern.FindStringSubmatch(result.Text)
		return said != nil
	})
	told, err := strconv.ParseInt(said[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	if is := residentOf(t, p.cmd.Process.Pid) >> 20; told < is/2 || told > is*2 {
		t.Errorf("the program says %d MB, the system %d", told, is)
	}
}
