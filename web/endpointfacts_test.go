package web

import (
	"slices"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/web/ui"
)

// TestFactOfAListThatIsTooLong says that tools are left out, and nothing of it when none are.
func TestFactOfAListThatIsTooLong(t *testing.T) {
	for language, want := range map[string]string{"en": "first 512 tools", "zh": "前 512 个工具"} {
		p := painter{words: assets.Words(language), zone: time.UTC}
		for _, cut := range []bool{true, false} {
			facts := p.facts(endpoint.Status{Role: endpoint.RoleCall, Offered: 512, OffersCut: cut}, Health{}, time.Now())
			told := slices.ContainsFunc(facts, func(f ui.Fact) bool { return strings.Contains(f.Value, want) && f.Level == ui.Slow })
			if told != cut {
				t.Errorf("%s, cut %v: %+v", language, cut, facts)
			}
		}
	}
}
