package balance

import (
	"encoding/json"
	"testing"
)

func TestStrategyNames(t *testing.T) {
	for _, s := range Strategies() {
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back Strategy
		if err := json.Unmarshal(text, &back); err != nil || back != s {
			t.Errorf("%s came back as %v, %v", text, back, err)
		}
	}
	for name, want := range map[string]Strategy{"Round_Robin": RoundRobin, "RANDOM": Random, "health_based": HealthBased} {
		if s, err := ParseStrategy(name); err != nil || s != want {
			t.Errorf("ParseStrategy(%q) = %v, %v, want %v", name, s, err, want)
		}
	}
	if _, err := ParseStrategy("fastest"); err == nil {
		t.Error("an unknown name is accepted")
	}
	if got := Strategy(9).String(); got != "strategy(9)" {
		t.Errorf("an invalid strategy prints as %q", got)
	}
}
