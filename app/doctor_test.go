package app

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
)

// TestDiagnosis holds what every finding and every kind of failure is said as.
func TestDiagnosis(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	findings := []endpoint.Finding{
		endpoint.FindingNoToken, endpoint.FindingTokenDecoded, endpoint.FindingTokenOpaque, endpoint.FindingTokenExpired,
		endpoint.FindingTokenExpires, endpoint.FindingUnencrypted, endpoint.FindingOpened, endpoint.FindingSpoke, endpoint.FindingSilent,
	}
	reports := []endpoint.Report{{Findings: findings, OK: true, Identity: endpoint.Identity{Agent: "7", Expires: now.Add(time.Hour)}}}
	for p := endpoint.AddressEmpty; p <= endpoint.AddressPort; p++ {
		reports = append(reports, endpoint.Report{Findings: []endpoint.Finding{endpoint.FindingBadAddress}, Address: p})
	}
	for kind := endpoint.KindNone; kind <= endpoint.KindStopped; kind++ {
		for _, code := range []int{0, 404, 1009, 4004} {
			reports = append(reports, endpoint.Report{Findings: []endpoint.Finding{endpoint.FindingDialFailed, endpoint.FindingClosed}, Kind: kind, Code: code, Error: "in English"})
		}
	}
	for _, lang := range assets.Languages() {
		for _, r := range reports {
			lines := diagnosis(assets.Words(lang), r, now)
			details := 0
			for _, line := range lines {
				_, detail, labelled := strings.Cut(line, map[string]string{"en": "Technical detail: ", "zh": "技术细节："}[lang])
				if labelled && detail == "in English" {
					details++
					continue
				}
				if chinese(line) != (lang == "zh") || strings.Contains(line, "in English") || strings.Contains(line, "doctor.") || strings.Contains(line, "cause.") || strings.Contains(line, "<no value>") {
					t.Errorf("%s: %+v is said as %q", lang, r, line)
				}
			}
			if want := strings.Count(r.Error, "in English") * len(r.Findings); details != want {
				t.Errorf("%s: %+v has %d technical details, want %d: %q", lang, r, details, want, lines)
			}
		}
	}
}

// chinese reports whether a text has Chinese characters.
func chinese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}
