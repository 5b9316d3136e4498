// Package web serves the dashboard and its API to this computer's browsers.
//
// It holds no business rules and no truth: every answer is rendered from a fresh
// snapshot of its Deps, and what a user asks for is passed on to them.
//
// # Routes
//
// Every route is a line of one table (routes.go), so that what must hold for all
// of them, above all the guard, can be tested for all of them.
//
// # The guard
//
// A page on port 3001 of this computer can be reached by every page that its user
// visits. So each request must name us by an allowed Host, which defeats DNS
// rebinding; must not come from a foreign origin; and pages carry a policy without
// inline script or style. Options.Hosts and SettingsView.EnableCORS open it a
// little, as they say.
//
// # The gate
//
// With an access key, which a server that other computers can reach must have, everybody
// needs it, requests of this computer included, for a proxy's look the same. Only the page
// that asks for it, the assets and /healthz are open. Sessions live in memory: they end after
// 30 days, by signing out, by another key, and with the program, and streams end with them.
//
// # Pages
//
// A page is a value of type page: its route, what it depends on, and a function that
// paints it from a snapshot. Side bar, stream and fragments follow from that; see
// section.go. A page that holds a form stands still but for what every page shows.
//
// # Liveness
//
// One goroutine, the pump, owns what open pages show. When a dependency nudges, and
// every few seconds for what nobody nudges about, it renders each fragment of the
// pages that somebody looks at, and gives those whose bytes changed a new revision. A
// stream remembers the revision that its page has, and sends what is newer. So all tabs
// of a page cost one rendering per language, and a page that comes back gets just what
// it missed. Another goroutine remembers, within bounds, what links have been through.
//
// # The past
//
// What links have been through and what the program used is summed up in slots of time, for
// an hour, a day and a week. Once a minute, and at the end, slots that have changed are
// written to Deps.History, from where the next run takes them; the last checks of links,
// which always change, every ten minutes and at the end. What is read there may have
// been written by anybody. Charts are pictures of the server; a script of detail pages puts
// livelier ones in their place, drawn from the same figures by the API.
//
// # MCP
//
// At /mcp the same catalogue is an MCP server of streamable HTTP, for editors and other
// clients on this computer. They get schemas and results as servers gave them, neither
// shaped nor cut for voice servers, and are told when the list changes.
//
// # The description of the API
//
// /api/v1/openapi.json is put together from openapi/*.json, one file for each area. A new
// route of kindAPI needs its lines there: tests hold paths, examples and answers against it.
//
// # Forms
//
// Forms are plain posts; scripts only make them quicker. One with mistakes comes back
// with all of them beside their fields and with what was typed, tokens hidden. What was
// done is told on the next page, where it can be undone. Changes of the configuration go
// through Editor, and what was based on an older file is a conflict.
package web
