package web

import (
	"slices"
	"testing"

	"xiaozhi-switchboard/assets"
)

func TestOptionWords(t *testing.T) {
	find := func(name string) option {
		return options[slices.IndexFunc(options, func(o option) bool { return o.name() == name })]
	}
	for _, tt := range []struct {
		lang, name, value       string
		inFile, inForm, between string
	}{
		{"en", "healthCheckInterval", "30000", "30,000 milliseconds (30 seconds)", "", "From 1,000 to 86,400,000 (24 hours)."},
		{"en", "toolTimeout", "90000", "90,000 milliseconds (90 seconds)", "", "From 100 to 290,000 (290 seconds)."},
		{"en", "toolTimeout", "5400000", "5,400,000 milliseconds (90 minutes)", "", ""},
		{"en", "toolTimeout", "1500", "1,500 milliseconds", "", ""},
		{"en", "toolTimeout", "soon", "soon", "", ""},
		{"zh", "failedRetryInterval", "300000", "300,000 毫秒（5 分钟）", "", "0，或 1,000 到 86,400,000（24 小时）。"},
		{"en", "maxResultBytes", "8192", "8,192 bytes", "", "From 512 to 1,048,576."},
		{"en", "port", "3001", "3001", "", "From 1 to 65535."},
		{"en", "reconnectStrategy", "adaptive", "adaptive", "Adaptive", "One of exponential-backoff, linear-backoff, fixed-interval, adaptive."},
		{"en", "language", "zh", "zh", "中文", "One of zh, en."},
		{"en", "language", "", "As the system", "", ""},
		{"en", "allowedHosts", "", "none", "", ""},
		{"zh", "allowedHosts", "a\nb", "a、b", "", ""},
		{"en", "enableCors", "on", "on", "", ""},
	} {
		p, o := painter{words: assets.Words(tt.lang)}, find(tt.name)
		if tt.inForm == "" {
			tt.inForm = tt.inFile
		}
		if got := p.optionValue(o, tt.value); got != tt.inFile {
			t.Errorf("%s %s is %q, want %q", tt.name, tt.value, got, tt.inFile)
		}
		if got := p.optionWord(o, tt.value); got != tt.inForm {
			t.Errorf("%s %s is %q in the form, want %q", tt.name, tt.value, got, tt.inForm)
		}
		if got := p.optionBounds(o); tt.between != "" && got != tt.between {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.between)
		}
	}
}
