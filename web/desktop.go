package web

import (
	"fmt"
	"net/http"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/web/ui"
)

// Desktop is what pages need to know of the desktop that the program runs on.
// Implementations must be safe for concurrent use.
type Desktop interface {
	Tray() TrayState
}

// TrayState says whether people can see the tray icon.
type TrayState uint8

const (
	// TrayNone: there is no icon, by wish or because there is no desktop; or it is not
	// known yet whether it can be seen.
	TrayNone TrayState = iota
	// TrayShown: it can be seen.
	TrayShown
	// TrayUnseen: nothing on the desktop shows icons, as on GNOME without its
	// AppIndicator extension.
	TrayUnseen
	// TrayLost: the session that showed it has ended.
	TrayLost
)

var trayStateNames = [...]string{"none", "shown", "unseen", "lost"}

// String returns the lower-case name.
func (t TrayState) String() string {
	if int(t) < len(trayStateNames) {
		return trayStateNames[t]
	}
	return fmt.Sprintf("tray(%d)", uint8(t))
}

// MarshalText returns the name.
func (t TrayState) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// appIndicator is where GNOME's extension for icons is.
const appIndicator = "https://extensions.gnome.org/extension/615/appindicator-support/"

// trayNotice is what to say of an icon that cannot be seen; empty when there is nothing to say.
func trayNotice(words *assets.Translator, state TrayState) ui.TrayNotice {
	if state != TrayUnseen {
		return ui.TrayNotice{}
	}
	return ui.TrayNotice{Text: words.Say("tray.unseen"), More: words.Say("tray.unseen.gnome"), Address: appIndicator}
}

// desktop answers with what is known of the desktop.
func (s *Server) desktop(w http.ResponseWriter, r *http.Request) {
	if s.deps.Desktop == nil {
		s.refuse(w, r, kindAPI, "unavailable")
		return
	}
	state := s.deps.Desktop.Tray()
	s.json(w, r, http.StatusOK, struct {
		Tray TrayState `json:"tray"`
		// Text says in the language of the answer what to do; empty when nothing needs to be done.
		Text string `json:"text,omitempty"`
	}{state, trayNotice(s.words(r), state).Text})
}
