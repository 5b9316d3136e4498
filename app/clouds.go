package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"xiaozhi-switchboard/app/rehearsal"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/web"
)

// newRehearser returns what rehearses with the catalogue of a run.
func (a *App) newRehearser() *rehearsal.Rehearser {
	return rehearsal.New(rehearsal.Options{
		Tools:   func(at string) endpoint.Tools { return a.hub.Guest(at) },
		Version: Version(),
		OwnLimit: func() time.Duration {
			a.mu.Lock()
			defer a.mu.Unlock()
			return a.applied.Connection.ToolTimeout
		},
	})
}

// clouds rehearse for the pages.
type clouds struct{ *rehearsal.Rehearser }

// Families implements web.Rehearser.
func (clouds) Families() []web.RehearsalFamily {
	var all []web.RehearsalFamily
	for _, cloud := range rehearsal.Clouds() {
		all = append(all, web.RehearsalFamily{Name: cloud.Name, CallTime: cloud.CallTime, ResultBytes: cloud.ResultBytes})
	}
	return all
}

var rehearsalLevels = map[rehearsal.Level]web.RehearsalLevel{
	rehearsal.Passed: web.RehearsalPassed, rehearsal.Doubtful: web.RehearsalDoubtful,
	rehearsal.Failed: web.RehearsalFailed, rehearsal.Skipped: web.RehearsalSkipped,
}

// Rehearse implements web.Rehearser.
func (c clouds) Rehearse(ctx context.Context, scene web.RehearsalScene) (web.RehearsalReport, error) {
	report, err := c.Rehearser.Rehearse(ctx, rehearsal.Scene{Cloud: scene.Family, Endpoint: scene.Endpoint, Tool: scene.Tool, Arguments: scene.Arguments})
	if errors.Is(err, rehearsal.ErrBusy) {
		err = fmt.Errorf("%w: %w", web.ErrRehearsing, err)
	}
	if err != nil {
		return web.RehearsalReport{}, err
	}
	v := web.RehearsalReport{OK: report.OK(), Took: report.Took, Heard: web.RehearsalHeard{
		Text: report.Heard.Text, IsError: report.Heard.IsError, Cut: report.Heard.Cut, Silence: string(report.Heard.Silence),
	}}
	for _, s := range report.Steps {
		step := web.RehearsalStep{Name: s.Name, Level: rehearsalLevels[s.Level], Took: s.Took, Sent: s.Sent, Got: s.Got, SentBytes: s.SentBytes, GotBytes: s.GotBytes}
		for _, m := range s.Remarks {
			step.Remarks = append(step.Remarks, web.RehearsalRemark{Code: string(m.Code), Level: rehearsalLevels[m.Level], Count: m.Count, Limit: m.Limit, Names: m.Names, Time: m.Time, Text: m.Text})
		}
		v.Steps = append(v.Steps, step)
	}
	return v, nil
}
