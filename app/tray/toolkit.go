//go:build cgo || !darwin

package tray

import (
	"log/slog"
	"runtime"

	"fyne.io/systray"
)

// toolkit is fyne.io/systray, whose state is global.
type toolkit struct {
	id   string
	tap  func()
	log  *slog.Logger
	icos map[face][]byte // what was drawn, by what it shows
}

type face struct {
	icon  Icon
	badge bool
}

func newSurface(opts *Options, offer func(Action)) surface {
	k := &toolkit{id: opts.ID, log: opts.Log, icos: make(map[face][]byte)}
	if tap := opts.Tap; tap != (Action{}) {
		k.tap = func() { offer(tap) }
	}
	return k
}

// menuOpened has a value when the menu was opened, where the system tells.
func menuOpened() <-chan struct{} { return systray.TrayOpenedCh }

// Run implements surface.
func (k *toolkit) Run(first *Model, ready func()) {
	restore := catchLog(k.log)
	defer restore()
	if runtime.GOOS != "darwin" { // there the menu opens by the same click
		systray.SetOnTapped(k.tap)
	}
	if runtime.GOOS != "windows" && runtime.GOOS != "darwin" {
		// Hosts read these as soon as they hear of us. The title becomes the stable id.
		systray.SetTitle(k.id)
		systray.SetIcon(k.drawn(face{first.Icon, first.Badge}))
		systray.SetTooltip(clip(first.Tooltip, maxTooltip))
	}
	systray.Run(func() {
		awaitExport()
		ready()
	}, nil)
}

// Quit implements surface.
func (k *toolkit) Quit() { systray.Quit() }

// Icon implements surface.
func (k *toolkit) Icon(icon Icon, badge bool) {
	f := face{icon, badge}
	if runtime.GOOS == "darwin" {
		systray.SetTemplateIcon(k.drawn(f), k.drawn(f))
		return
	}
	systray.SetIcon(k.drawn(f))
}

func (k *toolkit) drawn(f face) []byte {
	b := k.icos[f]
	if b == nil {
		switch runtime.GOOS {
		case "windows":
			b = icoIcon(f.icon, f.badge)
		case "darwin":
			b = templateIcon(f.icon, f.badge)
		default:
			b = pngIcon(f.icon, f.badge)
		}
		k.icos[f] = b
	}
	return b
}

// Tooltip implements surface. On Linux some hosts show the title instead, which may
// change while the id stays; on macOS it would stand beside the icon.
func (k *toolkit) Tooltip(text string) {
	systray.SetTooltip(text)
	if runtime.GOOS != "darwin" {
		systray.SetTitle(text)
	}
}

// Clear implements surface.
func (k *toolkit) Clear() { systray.ResetMenu() }

// Add implements surface.
func (k *toolkit) Add(parent entry, row *Row) entry {
	above, _ := parent.(*toolkitEntry)
	if row.Line {
		if above == nil {
			systray.AddSeparator()
		} else {
			above.item.AddSeparator()
		}
		return nil
	}
	text, checked := label(row.Label, runtime.GOOS), row.Check == Checked
	var item *systray.MenuItem
	switch {
	case above == nil && row.Check == NoCheck:
		item = systray.AddMenuItem(text, "")
	case above == nil:
		item = systray.AddMenuItemCheckbox(text, "", checked)
	case row.Check == NoCheck:
		item = above.item.AddSubMenuItem(text, "")
	default:
		item = above.item.AddSubMenuItemCheckbox(text, "", checked)
	}
	if row.Disabled {
		item.Disable()
	}
	if row.Hidden {
		item.Hide()
	}
	return &toolkitEntry{item}
}

type toolkitEntry struct{ item *systray.MenuItem }

// Clicks implements entry.
func (e *toolkitEntry) Clicks() <-chan struct{} { return e.item.ClickedCh }

// Change implements entry. Windows shows a row again whenever anything of it is set,
// so hiding comes last.
func (e *toolkitEntry) Change(before, now *Row) {
	if before.Label != now.Label {
		e.item.SetTitle(label(now.Label, runtime.GOOS))
	}
	if before.Check != now.Check {
		if now.Check == Checked {
			e.item.Check()
		} else {
			e.item.Uncheck()
		}
	}
	if before.Disabled != now.Disabled {
		if now.Disabled {
			e.item.Disable()
		} else {
			e.item.Enable()
		}
	}
	switch {
	case now.Hidden && (!before.Hidden || runtime.GOOS == "windows"):
		e.item.Hide()
	case before.Hidden && !now.Hidden:
		e.item.Show()
	}
}
