// Package tray shows an icon with a menu in the notification area of the desktop.
//
// It is given a whole Model each time and works out what is new in it; clicks come
// back as the Actions that the rows were given. It knows nothing of links or servers
// and holds no truth: what it shows is the last Model, what a click means is decided
// by whoever made the row.
//
// Desktops fail in ways of their own. Without a session there is no tray (Available);
// without a host for icons nobody sees it until one comes (Presence); when the session
// bus dies or the system is shutting down, what is shown goes and the program stays.
package tray
