package desktop

import (
	"context"
	"strings"

	"git.sr.ht/~jackmordaunt/go-toast"
)

type toasts struct{ app string }

func newBubbles(app string, _ func(string)) bubbles {
	toast.SetAppData(toast.AppData{AppID: app, GUID: toastID}) // without it the name is not shown
	return toasts{app}
}

// toastID marks our entry in the registry; any will do that no other program has.
const toastID = "{6d2f4f0a-0f6e-4d1c-9d38-6b5f7f5a1c27}"

func (t toasts) close() {}

// show implements bubbles. A click opens the address by itself.
func (t toasts) show(_ context.Context, n Note) error {
	note := toast.Notification{AppID: t.app, Title: harmless.Replace(n.Title), Body: harmless.Replace(n.Body), Audio: toast.Silent}
	if n.URL != "" && !strings.ContainsAny(n.URL, "'\"<>&`$") {
		note.ActivationType, note.ActivationArguments = toast.Protocol, n.URL
	}
	return note.Push()
}
