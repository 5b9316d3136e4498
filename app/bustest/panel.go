//go:build unix

package bustest

import (
	"image"
	"image/color"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

const (
	watcher = "org.kde.StatusNotifierWatcher"
	item    = "org.kde.StatusNotifierItem"
	menu    = "com.canonical.dbusmenu"
)

// Panel is a host of tray icons.
type Panel struct {
	tb   testing.TB
	conn *dbus.Conn

	mu    sync.Mutex
	items []*Item
}

// NewPanel puts a panel on the bus.
func (b *Bus) NewPanel() *Panel {
	b.tb.Helper()
	p := &Panel{tb: b.tb, conn: b.Connect()}
	if err := p.conn.Export(registrar{p}, "/StatusNotifierWatcher", watcher); err != nil {
		b.tb.Fatal(err)
	}
	if _, err := prop.Export(p.conn, "/StatusNotifierWatcher", prop.Map{watcher: {
		"IsStatusNotifierHostRegistered": {Value: true, Emit: prop.EmitTrue},
	}}); err != nil {
		b.tb.Fatal(err)
	}
	own(b.tb, p.conn, watcher)
	return p
}

// Leave takes the panel away.
func (p *Panel) Leave() { p.conn.Close() }

// registrar is what programs call.
type registrar struct{ p *Panel }

// RegisterStatusNotifierItem is called with a name or, as our toolkit does, a path.
func (r registrar) RegisterStatusNotifierItem(service string, sender dbus.Sender) *dbus.Error {
	path := dbus.ObjectPath("/StatusNotifierItem")
	if strings.HasPrefix(service, "/") {
		path = dbus.ObjectPath(service)
	}
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	r.p.items = append(r.p.items, &Item{tb: r.p.tb, conn: r.p.conn, object: r.p.conn.Object(string(sender), path), sender: string(sender)})
	return nil
}

// Item returns the icon that registered last, or nil.
func (p *Panel) Item() *Item {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.items) == 0 {
		return nil
	}
	return p.items[len(p.items)-1]
}

// Item is one tray icon as its host sees it.
type Item struct {
	tb     testing.TB
	conn   *dbus.Conn
	object dbus.BusObject
	sender string
}

// Text returns a property that is a text: Title, Id, Status or Category. It is empty
// when the icon does not answer.
func (i *Item) Text(name string) string {
	v, err := i.object.GetProperty(item + "." + name)
	if err != nil {
		return ""
	}
	s, _ := v.Value().(string)
	return s
}

// Tooltip returns the title of the tooltip.
func (i *Item) Tooltip() string {
	v, err := i.object.GetProperty(item + ".ToolTip")
	if err != nil {
		return ""
	}
	if parts, ok := v.Value().([]any); ok && len(parts) == 4 {
		s, _ := parts[2].(string)
		return s
	}
	return ""
}

// Icon returns the picture; nil when there is none.
func (i *Item) Icon() *image.NRGBA {
	v, err := i.object.GetProperty(item + ".IconPixmap")
	if err != nil {
		return nil
	}
	var maps []struct {
		W, H int32
		Pix  []byte
	}
	if err := dbus.Store([]any{v}, &maps); err != nil || len(maps) == 0 || int(maps[0].W*maps[0].H)*4 != len(maps[0].Pix) || maps[0].W == 0 {
		return nil
	}
	m := maps[0]
	img := image.NewNRGBA(image.Rect(0, 0, int(m.W), int(m.H)))
	for at := 0; at < len(m.Pix); at += 4 { // alpha first, the colours times it
		c := color.RGBA{A: m.Pix[at], R: m.Pix[at+1], G: m.Pix[at+2], B: m.Pix[at+3]}
		img.Set(at/4%int(m.W), at/4/int(m.W), c)
	}
	return img
}

// Tap clicks the icon itself.
func (i *Item) Tap() error { return i.object.Call(item+".Activate", 0, int32(0), int32(0)).Err }

// Row is one row of a menu as its host sees it.
type Row struct {
	ID      int32
	Label   string // as shown: the marks of access keys are taken out
	Line    bool
	Enabled bool
	Visible bool
	// Toggle is 1 for a mark, 0 for none, and -1 where there is no place for one.
	Toggle int32
	Rows   []Row
}

// Menu returns the rows; nil when the icon does not answer.
func (i *Item) Menu() []Row {
	v, err := i.object.GetProperty(item + ".Menu")
	if err != nil {
		return nil
	}
	path, _ := v.Value().(dbus.ObjectPath)
	var (
		revision uint32
		root     []any
	)
	call := i.conn.Object(i.sender, path).Call(menu+".GetLayout", 0, int32(0), int32(-1), []string{})
	if call.Err != nil || len(call.Body) != 2 {
		return nil
	}
	if err := dbus.Store(call.Body[:1], &revision); err != nil {
		return nil
	}
	root, _ = call.Body[1].([]any)
	return rowOf(root).Rows
}

func rowOf(layout []any) Row {
	if len(layout) != 3 {
		return Row{}
	}
	r := Row{Enabled: true, Visible: true, Toggle: -1}
	r.ID, _ = layout[0].(int32)
	properties, _ := layout[1].(map[string]dbus.Variant)
	kind := ""
	for name, v := range properties {
		switch name {
		case "label":
			r.Label, _ = v.Value().(string)
			r.Label = plain(r.Label)
		case "type":
			r.Line = v.Value() == "separator"
		case "enabled":
			r.Enabled, _ = v.Value().(bool)
		case "visible":
			r.Visible, _ = v.Value().(bool)
		case "toggle-type":
			kind, _ = v.Value().(string)
		case "toggle-state":
			r.Toggle, _ = v.Value().(int32)
		}
	}
	if kind == "" {
		r.Toggle = -1
	}
	children, _ := layout[2].([]dbus.Variant)
	for _, child := range children {
		if below, ok := child.Value().([]any); ok {
			r.Rows = append(r.Rows, rowOf(below))
		}
	}
	return r
}

// plain undoes the escaping of a label: a single underscore marks an access key.
func plain(label string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(label, "__", "\x00"), "_", ""), "\x00", "_")
}

// Find returns the row that a path of labels leads to. A label matches one that
// contains it; rows that are not visible do not exist.
func Find(rows []Row, path ...string) (Row, bool) {
	at := slices.IndexFunc(rows, func(r Row) bool { return r.Visible && !r.Line && strings.Contains(r.Label, path[0]) })
	if at < 0 {
		return Row{}, false
	}
	if len(path) == 1 {
		return rows[at], true
	}
	return Find(rows[at].Rows, path[1:]...)
}

// Click clicks a row, as hosts do.
func (i *Item) Click(id int32) error { return i.event(id, "clicked") }

// Open tells the program that its menu opens.
func (i *Item) Open() error { return i.event(0, "opened") }

func (i *Item) event(id int32, what string) error {
	v, err := i.object.GetProperty(item + ".Menu")
	if err != nil {
		return err
	}
	path, _ := v.Value().(dbus.ObjectPath)
	return i.conn.Object(i.sender, path).Call(menu+".Event", 0, id, what, dbus.MakeVariant(""), uint32(0)).Err
}
