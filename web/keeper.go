package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"xiaozhi-switchboard/core/history"
	"xiaozhi-switchboard/core/secret"
)

const (
	// keepEvery is how often what happened is written to disk: not for each check, which
	// would wear it out and keep it awake.
	keepEvery = time.Minute
	// trimEvery is how often rows that are too old are removed. The first time is as long
	// after the start: a computer without a clock of its own learns the time only then.
	trimEvery = time.Hour
	// wholeEvery is how often what changes with each check is written as well, and at the end.
	wholeEvery = 10 * time.Minute
)

// History keeps rows over restarts. *history.Store is one, and says what its methods do.
// Implementations must be safe for concurrent use.
type History interface {
	Read(series string) ([]history.Row, error)
	Write(rows []history.Row) error
	Trim(series, from, end string) error
}

// past is what is remembered, and may be kept on disk.
type past interface {
	load(from History, now time.Time) error
	// rows takes what is not on disk yet, and with whole what changes all the time, too.
	rows(whole bool) []history.Row
	again()
}

// keeper looks at how the program does once a minute, and writes what is new to disk. Its
// loop is the only one to use it, and after that Close.
type keeper struct {
	gauges      *gauges
	pasts       []past
	performance Performance // may be nil
	history     History     // nil when nothing is kept
	log         *slog.Logger

	failing bool // the last write failed, which has been told
	trimmed time.Time
	wholly  time.Time // when all there is was written
}

// load takes what was kept before the start.
func (k *keeper) load(now time.Time) {
	if k.history == nil {
		return
	}
	for _, p := range k.pasts {
		err := p.load(k.history, now)
		if errors.Is(err, history.ErrDamaged) {
			err = p.load(k.history, now) // from an empty file in its place
		}
		if err != nil {
			k.log.Warn("history cannot be read, charts begin anew and are not kept", "error", err)
			k.history = nil
			return
		}
	}
	k.trimmed, k.wholly = now, now
}

// run is the loop; it ends with ctx.
func (k *keeper) run(ctx context.Context) {
	k.look(time.Now())
	for {
		now := time.Now()
		timer := time.NewTimer(now.Truncate(keepEvery).Add(keepEvery).Sub(now)) // when the minute is over
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		k.look(time.Now())
		k.write(time.Since(k.wholly) >= wholeEvery)
		k.trim(time.Now())
	}
}

// look takes a snapshot. A dependency that panics must not end the program.
func (k *keeper) look(now time.Time) {
	if k.performance == nil {
		return
	}
	defer func() {
		if r := recover(); r != nil {
			k.log.Error("panic while looking at performance", "panic", secret.Text(fmt.Sprint(r)))
		}
	}()
	k.gauges.note(k.performance.Performance(), now)
}

// write keeps what is new. What could not be written is tried again, with everything else.
func (k *keeper) write(whole bool) {
	if k.history == nil {
		return
	}
	var rows []history.Row
	for _, p := range k.pasts {
		rows = append(rows, p.rows(whole)...)
	}
	err := k.history.Write(rows)
	if err != nil {
		for _, p := range k.pasts {
			p.again()
		}
	} else if whole {
		k.wholly = time.Now()
	}
	switch {
	case err != nil && !k.failing:
		k.log.Warn("history cannot be written, charts may begin anew after a restart; this is tried again every minute", "error", err)
	case err == nil && k.failing:
		k.log.Info("history is written again")
	}
	k.failing = err != nil
}

// trim removes from time to time what is not remembered any more.
func (k *keeper) trim(now time.Time) {
	if k.history == nil || now.Sub(k.trimmed) < trimEvery {
		return
	}
	k.trimmed = now
	for _, span := range spans {
		from, end := timeKey(span.first(now).Unix()), timeKey(now.Add(span.width).Unix())
		for _, series := range []string{latencySeries, gaugeSeries} {
			if err := k.history.Trim(series+span.name, from, end); err != nil {
				k.log.Info("old history cannot be removed", "error", err)
				return
			}
		}
	}
}
