package app

import (
	"context"
	"fmt"
	"io"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web"
)

// Doctor examines an endpoint address and writes what it found and what to do. It
// reports whether a link would work. The error is that of ctx.
func Doctor(ctx context.Context, out io.Writer, words *assets.Translator, address string, timeout time.Duration) (bool, error) {
	fmt.Fprintln(out, words.Say("doctor.looking", "url", secret.MaskURL(address)))
	report, err := endpoint.Examine(ctx, endpoint.Endpoint{URL: secret.URL(address)}, &endpoint.Options{ConnectionTimeout: timeout})
	if err != nil {
		return false, err
	}
	for _, line := range diagnosis(words, report, time.Now()) {
		fmt.Fprintln(out, line)
	}
	return report.OK, nil
}

// diagnosis puts a report into sentences, the verdict last.
func diagnosis(words *assets.Translator, r endpoint.Report, now time.Time) []string {
	var lines []string
	say := func(mark, key string, args ...any) {
		lines = append(lines, mark+" "+words.Say(key, args...))
	}
	const good, odd, bad = "●", "▲", "■"
	day := func(t time.Time) string { return t.Local().Format(words.Say("time.day")) }
	for _, f := range r.Findings {
		key := "doctor." + string(f)
		switch f {
		case endpoint.FindingBadAddress:
			say(bad, addressKey(r.Address))
		case endpoint.FindingTokenDecoded:
			say(good, key, "agent", r.Identity.Agent)
			if !r.Identity.Expires.IsZero() && r.Identity.Expires.After(now) {
				say(good, "doctor.token-valid", "until", day(r.Identity.Expires))
			}
		case endpoint.FindingTokenExpired, endpoint.FindingTokenExpires:
			say(odd, key, "until", day(r.Identity.Expires))
		case endpoint.FindingNoToken, endpoint.FindingUnencrypted:
			say(odd, key)
		case endpoint.FindingOpened:
			t := r.Timings
			say(good, key, "dns", short(t.DNS), "tcp", short(t.TCP), "tls", short(t.TLS), "upgrade", short(t.Upgrade))
		case endpoint.FindingSpoke:
			say(good, key, "method", r.Method)
		case endpoint.FindingDialFailed, endpoint.FindingClosed:
			say(bad, key)
			say(" ", causeKey(r, now))
			say(" ", "doctor.detail", "reason", r.Error)
		default:
			say(good, key)
		}
	}
	if r.OK {
		return append(lines, words.Say("doctor.well"))
	}
	return append(lines, words.Say("doctor.ill"))
}

// addressKey names the text about an address that cannot be an endpoint.
func addressKey(p endpoint.AddressProblem) string { return "doctor.address." + p.String() }

// causeKey names the text about a failure: the one that the page shows of a link.
func causeKey(r endpoint.Report, now time.Time) string {
	failed := endpoint.Status{Identity: r.Identity, State: endpoint.Failed, Kind: r.Kind, Code: r.Code}
	if r.Kind == endpoint.KindTakenOver {
		failed.State = endpoint.Waiting // nobody has stopped dialling
	}
	return web.HealthOf(failed, now).Cause
}

func short(d time.Duration) string { return d.Round(100 * time.Microsecond).String() }
