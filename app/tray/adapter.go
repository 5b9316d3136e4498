package tray

import (
	"runtime/debug"
	"sync/atomic"
	"time"
)

// adapt is the goroutine that everything shown passes through: it brings the surface
// in step with the last model, at most once in a pace.
func (t *Tray) adapt() {
	defer close(t.done)
	select {
	case <-t.ready:
	case <-t.stop:
		return
	}
	t.push(time.Time{})
	close(t.built)
	var held time.Time // when the menu may change its shape again
	next := time.Now().Add(pace)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-t.stop:
			return
		case <-t.opened:
			held = time.Now().Add(openTime)
			continue
		case <-t.wake:
		case <-timer.C:
		}
		now := time.Now()
		if now.Before(next) {
			timer.Reset(next.Sub(now))
			continue
		}
		pushed, left := t.push(held)
		if pushed {
			next = now.Add(pace)
		}
		if left {
			timer.Reset(time.Until(held))
		}
	}
}

// push shows what is new in the last model. It reports whether there was anything, and
// whether a change of the menu's shape was left for later since the menu is open.
func (t *Tray) push(held time.Time) (pushed, left bool) {
	if t.broken {
		return false, false
	}
	defer func() {
		if p := recover(); p != nil {
			t.broken = true
			t.log.Warn("the tray icon is gone, the program goes on without it", "reason", p)
			t.log.Debug("tray panicked", "stack", string(debug.Stack()))
		}
	}()
	t.mu.Lock()
	now := t.model
	t.mu.Unlock()
	before := t.shown
	if before == now {
		return false, false
	}
	tooltip := clip(now.Tooltip, maxTooltip)
	if before == nil || before.Icon != now.Icon || before.Badge != now.Badge {
		t.surface.Icon(now.Icon, now.Badge)
		pushed = true
	}
	if before == nil || clip(before.Tooltip, maxTooltip) != tooltip {
		t.surface.Tooltip(tooltip)
		pushed = true
	}
	shown := *now
	switch {
	case before != nil && sameShape(before.Rows, now.Rows):
		pushed = t.change(t.rows, now.Rows) || pushed
	case before != nil && time.Now().Before(held):
		shown.Rows, left = before.Rows, true
	default:
		if before != nil {
			t.surface.Clear()
		}
		t.rows = t.build(nil, now.Rows)
		pushed = true
	}
	t.shown = &shown
	if !left {
		t.shown = now
	}
	return pushed, left
}

// build makes rows anew.
func (t *Tray) build(parent entry, rows []Row) []shownRow {
	all := make([]shownRow, len(rows))
	for i := range rows {
		row := &rows[i]
		s := shownRow{row: *row, entry: t.surface.Add(parent, row)}
		if s.entry != nil {
			if len(row.Rows) > 0 {
				s.rows = t.build(s.entry, row.Rows)
			} else {
				s.do = new(clickTarget)
				s.do.Store(&row.Do)
				go t.listen(s.entry.Clicks(), s.do)
			}
		}
		all[i] = s
	}
	return all
}

// clickTarget is what a row does at present.
type clickTarget = atomic.Pointer[Action]

// listen takes the clicks of one row until it is gone. The toolkit drops those that
// come while nobody listens, so nothing else is done here.
func (t *Tray) listen(clicks <-chan struct{}, do *clickTarget) {
	for {
		select {
		case _, ok := <-clicks:
			if !ok {
				return
			}
			t.offer(*do.Load())
		case <-t.stop:
			return
		}
	}
}

// change brings rows of the same shape in step, and reports whether any differed.
func (t *Tray) change(shown []shownRow, rows []Row) (changed bool) {
	for i := range rows {
		s, now := &shown[i], &rows[i]
		if s.entry == nil {
			continue
		}
		if s.row.Label != now.Label || s.row.Check != now.Check || s.row.Disabled != now.Disabled || s.row.Hidden != now.Hidden {
			s.entry.Change(&s.row, now)
			changed = true
		}
		if s.do != nil && s.row.Do != now.Do {
			s.do.Store(&now.Do)
		}
		changed = t.change(s.rows, now.Rows) || changed
		s.row = *now
	}
	return changed
}
