// Package endpoint keeps links to Xiaozhi MCP endpoints: it dials them, answers
// them, watches their health and heals them.
//
// We are the WebSocket client and the MCP server of every link in the serve
// role: the endpoint asks for tools and calls them, and a Tools value answers.
// In the call role it is the other way round: we are the client of the tools behind the
// endpoint, and CallTool calls them over one of the links that offer the tool. The package
// knows nothing of where our tools come from, of configuration files or of pages.
//
// # States
//
//	Paused ── Resume ─► Dialing ── socket up ─► Open ── a request answered ──► Ready
//	                      ▲  │ error              │ closed, or pong overdue      │
//	                      │  ▼                    ▼                              │
//	                    Waiting ◄────────────────────────────────────────────────┘
//	                      │ attempts used up · credentials refused · taken over 3× in 60 s · StopReconnect
//	                      ▼
//	                    Failed ── Reconnect, UpdateEndpoints ─► Dialing
//	                           ── Wake, or FailedRetryInterval (not when refused, taken over or stopped) ─► Dialing
//
// One goroutine owns the state of one link; everything else sends it a message
// or reads a snapshot. A socket being open says little: some endpoints accept a
// bad token and close later, others say nothing until a device connects. So Open
// and Ready are told apart, and Status never shows a link as connected after we
// know that it is not.
//
// # Health
//
// Every HealthCheckInterval a link is pinged (a WebSocket ping), at a moment
// that is spread over the interval so that N links do not fire together. The
// answer is due within a third of the interval, at least 1 s and at most 10 s; if
// it does not come, a second ping goes out at once with half that time. After
// a second silence the link is dead and is dialled again, so a mute link is
// noticed within 1.5 intervals (for intervals from 3 s). Any frame from the
// endpoint counts as life.
//
// Its score, from 0 to 100, is that of package balance, made of pings, dials and calls,
// and of the round-trip time of pings. While a link is not connected the part of the
// round-trip time is 0. A link is healthy when it is connected and scores above 50.
//
// # Calls over links
//
// CallTool chooses among the links in the call role that are connected and offer the tool,
// by the strategy and behind the circuit breaker of package balance. A list of tools is
// read when the socket comes up, every HealthCheckInterval, and when the far side says that
// it changed; while the tools' side is away the link is left out. Up to 512 tools of one
// endpoint are taken. Of several endpoints whose tools of one name differ in their input
// schema, CallTool asks those that agree with the first, unless it is told which.
//
// When a link goes away, calls that were not written yet and calls of tools that say that
// they are read-only or idempotent are given to the next link at once; any other fails at
// once with ErrLost. A relay whose tool side goes away says nothing of that, so a link is asked
// by a ping (of MCP) when a call over it has waited for half a second, and after twice as long
// each time. A relay without a tool side answers that for itself, and then the calls that went
// there before are lost as with the link. Another tool side that has come within that time
// cannot be told from the first; then a call waits until its context ends.
//
// # Anomalies
//
// What is unusual about a link, though it may still work, is an Anomaly with a
// beginning and an end: a link that flaps or was taken over, an overdue ping, a
// spike of the round-trip time, a clock that is wrong, a token that expires or has
// expired. The kinds say when they begin and end. One that ends by time alone
// does so without any traffic.
//
// # Retrying
//
// Waits come from package retry. A link that had been stable, that is connected
// for 60 s and proven alive, redials first within a random second, and starts
// counting its attempts anew. An endpoint that closed with 4004 gave up on us and
// is left alone for 15 s at least. At most DialsPerHost dials are in flight per
// host; waiting for a retry holds no slot.
//
// Wake ends such waits when the network came back, changed or the computer woke up, but
// not those that the endpoint itself asked for. It asks every connected link for a
// sign of life within 3 s, and once more within half that time; a link found dead then
// redials within a random second.
//
// Prewarm makes the next dial of every link that is not connected cheaper; it
// never makes a second WebSocket.
//
// # Names of xiaozhi-client
//
// Each method of the XiaozhiConnectionManager of xiaozhi-client 1.6 has its counterpart here, and
// so has what its WebServer and its singleton offered:
//
//	new XiaozhiConnectionManager(options)           NewManager
//	XiaozhiConnectionManagerSingleton.getInstance   NewManager
//	initialize                                      Initialize
//	setServiceManager                               NewManager, ToolsChanged
//	connect                                         Connect
//	disconnect                                      Disconnect
//	cleanup                                         Close
//	addEndpoint                                     AddEndpoint
//	removeEndpoint                                  RemoveEndpoint
//	updateEndpoints                                 UpdateEndpoints
//	updateOptions                                   UpdateOptions
//	reloadConfig                                    ReloadConfig
//	on("configChange"), getCurrentConfig            Subscribe, Status
//	getConnectionStatus                             Status, StatusOf
//	getHealthyConnections, isAnyConnected           Status, PerformanceMetrics
//	setHealthCheckEnabled                           SetHealthCheckEnabled
//	triggerHealthCheck                              TriggerHealthCheck, CheckHealth
//	getHealthCheckStats                             HealthCheckStats
//	triggerReconnect                                Reconnect
//	stopReconnect, stopAllReconnects                StopReconnect
//	getReconnectStats                               ReconnectStats
//	selectBestConnection                            SelectBest
//	setLoadBalanceStrategy                          SetLoadBalanceStrategy
//	getLoadBalanceStats                             LoadBalanceStats
//	performFailover                                 Failover
//	prewarmConnections                              Prewarm
//	getPerformanceMetrics                           PerformanceMetrics, Totals
//	optimizeMemoryUsage                             OptimizeMemory, Compact
//	WebServer.getXiaozhiConnectionStatus            GET /api/v1/connections
//
// Theirs name a link by its address, ours by its ID, which AddEndpoint and Identify return and
// a new token does not change. Theirs wait until all is connected; ours return, and Subscribe
// and Status tell. There is no singleton: whoever needs a Manager is given one, so a
// program may have several. The status as JSON, with the members that theirs has, is
// that of Status.MarshalJSON; the dashboard answers with it under the path above.
//
// Without a counterpart there:
//
//	CallTool                 calls a tool behind endpoints in the call role
//	Offers, OffersRevision   which tools those are
//	Pause, Resume            rest for one link
//	Wake                     the network came back, or the computer woke up
//	Anomalies                what is unusual
//	PingPhase                when pings fall, for what may be done beside
//
// The file testdata/keep/main.go is a whole program that keeps endpoints connected.
package endpoint
