//go:build darwin && !cgo

package tray

// built says whether there is a toolkit.
const built = false

// On macOS the toolkit needs cgo; without it there is no tray, as Available says.

func newSurface(*Options, func(Action)) surface { return noSurface{} }

func menuOpened() <-chan struct{} { return nil }

type noSurface struct{}

func (noSurface) Run(*Model, func())    {}
func (noSurface) Quit()                 {}
func (noSurface) Icon(Icon, bool)       {}
func (noSurface) Tooltip(string)        {}
func (noSurface) Add(entry, *Row) entry { return nil }
func (noSurface) Clear()                {}
