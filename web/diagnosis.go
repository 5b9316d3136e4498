package web

import (
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// Remark is one thing to say about an address that was examined.
type Remark struct {
	Level ui.Level
	Text  string
	// More belongs to the remark before it.
	More bool
}

// Diagnosis puts a report into sentences.
func Diagnosis(words *assets.Translator, r endpoint.Report, now time.Time, zone *time.Location) []Remark {
	var remarks []Remark
	say := func(level ui.Level, key string, args ...any) {
		remarks = append(remarks, Remark{Level: level, Text: words.Say(key, args...)})
	}
	more := func(key string, args ...any) {
		remarks = append(remarks, Remark{Level: ui.Down, Text: words.Say(key, args...), More: true})
	}
	day := func(t time.Time) string { return t.In(zone).Format(words.Say("time.day")) }
	for _, f := range r.Findings {
		key := "doctor." + string(f)
		switch f {
		case endpoint.FindingBadAddress:
			say(ui.Down, AddressKey(r.Address))
		case endpoint.FindingTokenDecoded:
			say(ui.Up, key, "agent", r.Identity.Agent)
			if !r.Identity.Expires.IsZero() && r.Identity.Expires.After(now) {
				say(ui.Up, "doctor.token-valid", "until", day(r.Identity.Expires))
			}
		case endpoint.FindingTokenExpired, endpoint.FindingTokenExpires:
			say(ui.Slow, key, "until", day(r.Identity.Expires))
		case endpoint.FindingNoToken, endpoint.FindingUnencrypted:
			say(ui.Slow, key)
		case endpoint.FindingOpened:
			t := r.Timings
			say(ui.Up, key, "dns", short(t.DNS), "tcp", short(t.TCP), "tls", short(t.TLS), "upgrade", short(t.Upgrade))
		case endpoint.FindingSpoke:
			say(ui.Up, key, "method", r.Method)
		case endpoint.FindingDialFailed, endpoint.FindingClosed:
			say(ui.Down, key)
			more(causeKey(r, now))
			more("doctor.detail", "reason", secret.Text(r.Error))
		default:
			say(ui.Up, key)
		}
	}
	return remarks
}

// AddressKey names the text about an address that cannot be an endpoint.
func AddressKey(p endpoint.AddressProblem) string { return "doctor.address." + p.String() }

// causeKey names the text about a failure: the one that the page shows of a link.
func causeKey(r endpoint.Report, now time.Time) string {
	failed := endpoint.Status{Identity: r.Identity, State: endpoint.Failed, Kind: r.Kind, Code: r.Code}
	if r.Kind == endpoint.KindTakenOver {
		failed.State = endpoint.Waiting // nobody has stopped dialling
	}
	return HealthOf(failed, now).Cause
}

func short(d time.Duration) string { return d.Round(100 * time.Microsecond).String() }
