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

// marks are the signs of levels in a terminal.
var marks = map[string]string{"up": "●", "slow": "▲", "down": "■"}

// diagnosis puts a report into lines, the verdict last.
func diagnosis(words *assets.Translator, r endpoint.Report, now time.Time) []string {
	var lines []string
	for _, remark := range web.Diagnosis(words, r, now, time.Local) {
		mark := marks[remark.Level.String()]
		if remark.More {
			mark = " "
		}
		lines = append(lines, mark+" "+remark.Text)
	}
	if r.OK {
		return append(lines, words.Say("doctor.well"))
	}
	return append(lines, words.Say("doctor.ill"))
}

// doctor examines addresses for the pages.
type doctor struct{ app *App }

// Examine implements web.Doctor.
func (d doctor) Examine(ctx context.Context, address secret.URL) (endpoint.Report, error) {
	c := d.app.store.Snapshot().Config
	return endpoint.Examine(ctx, endpoint.Endpoint{URL: address}, &endpoint.Options{ConnectionTimeout: c.Connection.ConnectionTimeout})
}
