package web

import (
	"net/http"
	"strings"

	"xiaozhi-switchboard/assets"
)

// kind says what a route answers with, which decides how it refuses and who may read it.
type kind uint8

const (
	kindPage kind = iota
	kindAPI
	kindStream
	kindAsset
	kindHealth
	kindMCP
	// kindLogin is a page that needs no access key.
	kindLogin
)

// page reports whether people look at the answers.
func (k kind) page() bool { return k == kindPage || k == kindLogin }

// route is one line of the table.
type route struct {
	method  string // GET answers HEAD too
	pattern string // of http.ServeMux, without the method
	kind    kind
	handle  func(http.ResponseWriter, *http.Request)
}

// unsafe reports whether the route changes anything.
func (r route) unsafe() bool { return r.method != http.MethodGet }

// livePages are the pages that follow the truth, in the order of the side bar. Each
// has a route.
func livePages() []page {
	return []page{overviewPage, endpointsPage, endpointPage, toolsPage, serverPage, toolPage, eventsPage, callsPage, failoversPage, logPage, performancePage, settingsPage, helpPage, stillPage}
}

// table is every route there is.
func (s *Server) table() []route {
	routes := []route{
		{"GET", "/events", kindStream, s.events},
		{"GET", "/login", kindLogin, s.login},
		{"POST", "/login", kindLogin, s.signIn},
		{"POST", "/logout", kindPage, s.signOut},
		{"GET", "/healthz", kindHealth, s.healthz},
		{"GET", "/metrics", kindAPI, s.metrics},
		{"GET", assets.Prefix + "{file}", kindAsset, s.asset},
		{"GET", "/api/v1/openapi.json", kindAPI, s.openapi},
		{"GET", apiPath, kindPage, s.apiPage},
		{"GET", "/api/v1/connections", kindAPI, s.connections},
		{"GET", "/api/v1/connections/{id}", kindAPI, s.connection},
		{"GET", "/api/v1/servers", kindAPI, s.servers},
		{"GET", "/api/v1/tools", kindAPI, s.tools},
		{"POST", "/api/v1/tools/{name}/call", kindAPI, s.callTool},
		{"GET", rehearsalPath, kindPage, s.rehearsalForm},
		{"POST", rehearsalPath, kindPage, s.rehearse},
		{"POST", "/api/v1/rehearsals", kindAPI, s.rehearsalCommand},
		{"GET", "/api/v1/performance", kindAPI, s.performance},
		{"GET", "/api/v1/anomalies", kindAPI, s.anomalies},
		{"GET", "/api/v1/desktop", kindAPI, s.desktop},
		{"GET", "/api/v1/events", kindAPI, s.journaled(eventsReport)},
		{"GET", "/api/v1/calls", kindAPI, s.journaled(callsReport)},
		{"GET", "/api/v1/failovers", kindAPI, s.journaled(failoversReport)},
		{"POST", "/api/v1/strategy", kindAPI, s.controlled(s.setStrategy)},
		{"POST", "/api/v1/connections/{id}/failover", kindAPI, s.controlled(s.failover)},
		{"POST", "/api/v1/prewarm", kindAPI, s.controlled(s.prewarm)},
		{"POST", "/api/v1/optimize", kindAPI, s.controlled(s.optimize)},
		{"GET", "/mcp", kindMCP, s.mcp},
		{"POST", "/mcp", kindMCP, s.mcp},
		{"DELETE", "/mcp", kindMCP, s.mcp},
		{"GET", "/endpoints/add", kindPage, s.edited(kindPage, s.addForm)},
		{"POST", "/endpoints/add", kindPage, s.edited(kindPage, s.add)},
		{"POST", "/endpoints/check", kindPage, s.checkAll},
		{"GET", "/endpoints/{id}/edit", kindPage, s.edited(kindPage, s.editForm)},
		{"POST", "/endpoints/{id}/edit", kindPage, s.edited(kindPage, s.edit)},
		{"POST", "/endpoints/{id}/enable", kindPage, s.edited(kindPage, s.toggle(true))},
		{"POST", "/endpoints/{id}/disable", kindPage, s.edited(kindPage, s.toggle(false))},
		{"POST", "/endpoints/{id}/remove", kindPage, s.edited(kindPage, s.remove)},
		{"GET", "/servers/add", kindPage, s.edited(kindPage, s.importForm)},
		{"POST", "/servers/add", kindPage, s.edited(kindPage, s.importServers)},
		{"GET", "/servers/new", kindPage, s.edited(kindPage, s.newServer)},
		{"POST", "/servers/new", kindPage, s.edited(kindPage, s.addServer)},
		{"GET", "/tools/servers/{server}/edit", kindPage, s.edited(kindPage, s.editServer)},
		{"POST", "/tools/servers/{server}/edit", kindPage, s.edited(kindPage, s.changeServer)},
		{"POST", "/tools/servers/{server}/restart", kindPage, s.restartForm},
		{"POST", "/tools/servers/{server}/enable", kindPage, s.edited(kindPage, s.switchServer(true))},
		{"POST", "/tools/servers/{server}/disable", kindPage, s.edited(kindPage, s.switchServer(false))},
		{"POST", "/tools/servers/{server}/remove", kindPage, s.edited(kindPage, s.removeServer)},
		{"POST", "/tools/{tool}/enable", kindPage, s.edited(kindPage, s.switchTool(true))},
		{"POST", "/tools/{tool}/disable", kindPage, s.edited(kindPage, s.switchTool(false))},
		{"POST", "/tools/{tool}/describe", kindPage, s.edited(kindPage, s.describeTool)},
		{"POST", "/tools/{tool}/try", kindPage, s.tryTool},
		{"POST", "/api/v1/servers", kindAPI, s.edited(kindAPI, s.addServerCommand)},
		{"GET", "/api/v1/servers/{server}", kindAPI, s.edited(kindAPI, s.serverReport)},
		{"PATCH", "/api/v1/servers/{server}", kindAPI, s.edited(kindAPI, s.changeServerCommand)},
		{"DELETE", "/api/v1/servers/{server}", kindAPI, s.edited(kindAPI, s.removeServerCommand)},
		{"POST", "/api/v1/servers/{server}/restart", kindAPI, s.restartCommand},
		{"GET", "/api/v1/servers/{server}/stderr", kindAPI, s.stderrCommand},
		{"GET", "/api/v1/tools/{name}", kindAPI, s.toolReport},
		{"PATCH", "/api/v1/tools/{name}", kindAPI, s.edited(kindAPI, s.toolCommand)},
		{"GET", "/welcome", kindPage, s.edited(kindPage, s.welcome)},
		{"POST", "/welcome", kindPage, s.edited(kindPage, s.takeBasics)},
		{"POST", "/api/v1/servers/import", kindAPI, s.edited(kindAPI, s.importCommand)},
		{"GET", "/api/v1/endpoints", kindAPI, s.edited(kindAPI, s.endpointList)},
		{"POST", "/api/v1/endpoints", kindAPI, s.edited(kindAPI, s.addCommand)},
		{"POST", "/api/v1/endpoints/examine", kindAPI, s.examineCommand},
		{"GET", "/api/v1/endpoints/{id}", kindAPI, s.edited(kindAPI, s.endpointCommand)},
		{"PATCH", "/api/v1/endpoints/{id}", kindAPI, s.edited(kindAPI, s.editCommand)},
		{"DELETE", "/api/v1/endpoints/{id}", kindAPI, s.edited(kindAPI, s.removeCommand)},
		{"GET", "/api/v1/connections/{id}/trace", kindAPI, s.traceCommand},
		{"GET", "/api/v1/connections/{id}/history", kindAPI, s.spanned(s.latencyCommand)},
		{"GET", "/api/v1/performance/history", kindAPI, s.spanned(s.useCommand)},
		{"POST", "/performance/strategy", kindPage, s.performs(s.choosesStrategy)},
		{"POST", "/performance/prewarm", kindPage, s.performs(s.prewarms)},
		{"POST", "/performance/optimize", kindPage, s.performs(s.optimizes)},
		{"POST", "/settings", kindPage, s.edited(kindPage, s.saveOptions)},
		{"GET", "/settings/file", kindPage, s.edited(kindPage, s.fileForm)},
		{"POST", "/settings/file", kindPage, s.edited(kindPage, s.saveFile)},
		{"GET", "/api/v1/settings", kindAPI, s.edited(kindAPI, s.settingsReport)},
		{"PATCH", "/api/v1/settings", kindAPI, s.edited(kindAPI, s.settingsCommand)},
		{"GET", "/api/v1/settings/export", kindAPI, s.edited(kindAPI, s.export)},
		{"GET", textPath, kindAPI, s.edited(kindAPI, s.textReport)},
		{"PUT", textPath, kindAPI, s.edited(kindAPI, s.textCommand)},
		{"GET", "/api/v1/settings/versions", kindAPI, s.edited(kindAPI, s.versionsReport)},
		{"GET", "/api/v1/settings/versions/{version}", kindAPI, s.edited(kindAPI, s.versionReport)},
		{"POST", "/api/v1/settings/versions/{version}/restore", kindAPI, s.edited(kindAPI, s.restoreCommand)},
		{"GET", "/settings/versions", kindPage, s.edited(kindPage, s.versions)},
		{"POST", "/settings/versions", kindPage, s.edited(kindPage, s.restore)},
		{"GET", "/activity/log/download", kindPage, s.logged(kindPage, s.logDownload)},
		{"POST", "/activity/log/level", kindPage, s.logged(kindPage, s.levelForm)},
		{"GET", "/api/v1/log", kindAPI, s.logged(kindAPI, s.logReport)},
		{"PUT", "/api/v1/log/level", kindAPI, s.logged(kindAPI, s.levelCommand)},
		{"GET", "/activity/diagnostics", kindPage, s.diagnosed(kindPage, s.showBundle)},
		{"GET", "/activity/diagnostics/download", kindPage, s.diagnosed(kindPage, s.saveBundle)},
		{"GET", "/api/v1/diagnostics", kindAPI, s.diagnosed(kindAPI, s.bundleCommand)},
		{"GET", accessPath, kindPage, s.edited(kindPage, s.accessForm)},
		{"POST", accessPath, kindPage, s.edited(kindPage, s.changeAccess)},
		{"POST", "/api/v1/access-key", kindAPI, s.edited(kindAPI, s.accessCommand)},
		{"DELETE", "/api/v1/access-key", kindAPI, s.edited(kindAPI, s.openCommand)},
		{"POST", "/api/v1/entrance", kindAPI, s.entranceCommand},
		{"POST", "/undo", kindPage, s.edited(kindPage, s.undo)},
		{"POST", "/api/v1/undo", kindAPI, s.edited(kindAPI, s.undoCommand)},
	}
	for _, p := range s.pages {
		handle := s.live(p)
		if p.serve != nil {
			handle = func(w http.ResponseWriter, r *http.Request) { p.serve(s, w, r) }
		}
		switch {
		case p.name == overviewPage.name:
			routes = append(routes, route{"GET", p.pattern, kindPage, s.first})
		case p.pattern != "":
			routes = append(routes, route{"GET", p.pattern, kindPage, handle})
		}
	}
	for _, v := range verbs {
		routes = append(routes,
			route{"POST", "/endpoints/{id}/" + v.name, kindPage, s.form(v)},
			route{"POST", "/api/v1/connections/{id}/" + v.name, kindAPI, s.command(v)},
			route{"POST", "/api/v1/" + v.name, kindAPI, s.commandAll(v)},
		)
	}
	return routes
}

func newMux(routes []route) *http.ServeMux {
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.HandleFunc(r.method+" "+r.pattern, r.handle)
	}
	return mux
}

// find returns the kind of the route for a request, and whether there is one. With
// none it is a guess by the path, and allow lists the methods that the path takes.
func (s *Server) find(r *http.Request) (k kind, found bool, allow string) {
	h, pattern := s.mux.Handler(r)
	for _, route := range s.routes {
		if pattern == route.method+" "+route.pattern {
			return route.kind, true, ""
		}
	}
	if strings.HasPrefix(r.URL.Path, "/api/") {
		k = kindAPI
	}
	if pattern == "" {
		var w headersOnly
		h.ServeHTTP(&w, r)
		allow = w.Header().Get("Allow")
	}
	return k, false, allow
}

// headersOnly takes an answer and forgets its body.
type headersOnly struct{ header http.Header }

// Header returns the headers that were set.
func (w *headersOnly) Header() http.Header {
	if w.header == nil {
		w.header = http.Header{}
	}
	return w.header
}

// Write forgets.
func (w *headersOnly) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader forgets.
func (w *headersOnly) WriteHeader(int) {}
