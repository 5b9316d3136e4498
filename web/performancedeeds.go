package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/balance"
)

// performs does one of the things that the page offers, and tells how it went.
func (s *Server) performs(do func(ctx context.Context, form url.Values) (func(*assets.Translator) string, string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		form, ok := s.fields(w, r)
		switch {
		case !ok:
		case s.deps.Controls == nil:
			s.refuse(w, r, kindPage, "unavailable")
		default:
			text, code := do(r.Context(), form)
			if code != "" {
				s.refuse(w, r, kindPage, code, "names", strings.Join(names(balance.Strategies()), ", "))
				return
			}
			s.finish(w, r, "/performance", deed{text: text})
		}
	}
}

// choosesStrategy changes how sources are chosen.
func (s *Server) choosesStrategy(_ context.Context, form url.Values) (func(*assets.Translator) string, string) {
	strategy, err := balance.ParseStrategy(form.Get("strategy"))
	if err != nil {
		return nil, "unknown_strategy"
	}
	if err := s.deps.Controls.SetStrategy(strategy); err != nil {
		return nil, s.troubleOf("strategy", err)
	}
	return func(words *assets.Translator) string {
		return words.Say("performance.strategy.done", "name", words.Say("performance.strategy."+strategy.String()))
	}, ""
}

// prewarms prepares links and servers.
func (s *Server) prewarms(ctx context.Context, _ url.Values) (func(*assets.Translator) string, string) {
	ctx, cancel := context.WithTimeout(ctx, prewarmTime)
	defer cancel()
	parts, err := s.deps.Controls.Prewarm(ctx)
	if err != nil {
		return nil, s.troubleOf("prewarm", err)
	}
	failed := 0
	var longest time.Duration
	for _, part := range parts {
		longest = max(longest, time.Duration(part.Took))
		if part.Error != "" {
			failed++
		}
	}
	return func(words *assets.Translator) string {
		return words.Say("performance.prewarm.done", "n", len(parts)-failed, "failed", failed, "time", painter{words: words}.duration(longest))
	}, ""
}

// optimizes returns memory to the system.
func (s *Server) optimizes(context.Context, url.Values) (func(*assets.Translator) string, string) {
	run := s.deps.Controls.OptimizeMemory()
	return func(words *assets.Translator) string {
		shown := painter{words: words, zone: s.options.Zone}.run(run, run.At)
		return words.Say("performance.optimize.done", "before", shown.Before, "after", shown.After, "time", shown.Took)
	}, ""
}
