package app

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"xiaozhi-switchboard/app/desktop"
	"xiaozhi-switchboard/assets"
)

// inventedAPI is what a running program answers.
var inventedAPI = map[string]string{
	"GET /api/v1/connections": `[
		{"id":"aaa111aaa111","name":"书房小智","endpoint":"wss://api.xiaozhi.me/mcp/?token=***","agent":"7","role":"serve","state":"ready","socket":3,"connected":true,"healthScore":98,"responseTime":31.4,"consecutiveFailures":0},
		{"id":"bbb222bbb222","name":"Kids\u001b[31m","endpoint":"wss://api.xiaozhi.me/mcp/?token=***","agent":"8","role":"serve","state":"failed","kind":"auth","code":1008,"tokenExpires":"2021-01-01T12:00:00.000Z","socket":1,"connected":false,"healthScore":12,"responseTime":null,"consecutiveFailures":4},
		{"id":"ccc333ccc333","name":"","endpoint":"ws://192.168.1.20:8004/mcp/?token=***","role":"serve","state":"paused","socket":0,"connected":false,"healthScore":0,"responseTime":null,"consecutiveFailures":0},
		{"id":"eee555eee555","name":"Relay","endpoint":"ws://192.168.1.20:8004/call/?token=***","role":"call","state":"ready","missing":"toolside","socket":1,"connected":true,"healthScore":98,"responseTime":2,"consecutiveFailures":0},
		{"id":"ddd444ddd444","name":"","endpoint":"wss://api.xiaozhi.me/mcp/?token=***","agent":"9","role":"serve","state":"paused","socket":0,"connected":false,"healthScore":0,"responseTime":null,"consecutiveFailures":0}]`,
	"GET /api/v1/settings/file": `{"revision":"x","text":"","problems":[{"line":3,"column":11,"key":"port","message":"A number from 1 to 65535 belongs here.\u001b[31m"},{"line":0,"column":0,"message":"It has gone."}]}`,
	"GET /api/v1/endpoints": `{"revision":"x","endpoints":[
		{"id":"bbb222bbb222","endpoint":"wss://api.xiaozhi.me/mcp/?token=***","name":"Kids","agent":"8","role":"","enabled":true,"healthCheck":true,"servers":null,"tools":null,"tokenExpires":"2021-01-01T12:00:00Z"},
		{"id":"ddd444ddd444","endpoint":"wss://api.xiaozhi.me/mcp/?token=***","name":"","agent":"9","role":"","enabled":false,"healthCheck":true,"servers":null,"tools":null}]}`,
	"GET /api/v1/servers": `[{"name":"weather","kind":"http","state":"ready","tools":3},
		{"name":"日历","kind":"stdio","state":"failed","tools":0,"problemText":"It was not found."}]`,
	"GET /api/v1/tools": `[{"name":"weather__forecast","server":"weather","description":"The weather\nfor a day.","enabled":true},
		{"name":"日历__查询","server":"日历","description":"\u001b]0;owned\u0007` + strings.Repeat("长", 60) + `","enabled":false}]`,
	"POST /api/v1/tools/weather__forecast/call": `{"name":"weather__forecast","tookMs":3,"result":{"content":[{"type":"text","text":"Rain\u001b[2J\nall day"},{"type":"image","data":"AA"}],"isError":true}}`,
}

// invent is a data folder whose program answers what inventedAPI says. Its address is the
// second value.
func invent(t *testing.T) (data, address string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer, ok := inventedAPI[r.Method+" "+r.URL.Path]; ok {
			fmt.Fprintln(w, answer)
			return
		}
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprintln(w, "out of order")
	}))
	t.Cleanup(s.Close)
	data = t.TempDir()
	i, err := desktop.Claim(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.Release() })
	if err := i.Tell(s.URL+"/", "/home/me/xiaozhi.config.json", ""); err != nil {
		t.Fatal(err)
	}
	return data, s.URL + "/"
}

// TestCommandTexts holds what commands print, in both languages.
func TestCommandTexts(t *testing.T) {
	data, address := invent(t)
	for _, c := range []struct {
		args, lang string
		code       int
		want       string
	}{
		{"status", "en", ExitOK, `Running as process PID. Dashboard: URL
Configuration: /home/me/xiaozhi.config.json
■ line 3, column 11: port: A number from 1 to 65535 belongs here.[31m
■ It has gone.
The file cannot be used as it is. What ran before goes on until it is mended.
2 of 5 endpoints are connected.
1 of 2 MCP servers are ready, with 2 tools.

ENDPOINT           ID            STATE          SCORE  ROUND TRIP  NOTE
书房小智           aaa111aaa111  Up             98     31 ms
Kids[31m           bbb222bbb222  Down           12                 The token has expired. Copy a fresh address from the console.
192.168.1.20:8004  ccc333ccc333  Paused
Relay              eee555eee555  Without tools  98     2 ms        The relay is there, but nothing that offers tools is connected to it.
agent 9            ddd444ddd444  Off

SERVER   KIND           STATE   NOTE
weather  HTTP           Ready
日历     local program  Failed  It was not found.
`},
		{"status", "zh", ExitOK, `正在运行，进程号 PID。控制台：URL
配置文件：/home/me/xiaozhi.config.json
■ 第 3 行，第 11 列：port：A number from 1 to 65535 belongs here.[31m
■ It has gone.
文件目前无法使用；修好之前，原来的配置继续生效。
5 个接入点中有 2 个在线。
2 个 MCP 服务中有 1 个就绪，共 2 个工具。

接入点             ID            状态      评分  往返   说明
书房小智           aaa111aaa111  正常      98    31 ms
Kids[31m           bbb222bbb222  断开      12           令牌已过期，请到控制台复制新的地址。
192.168.1.20:8004  ccc333ccc333  已暂停
Relay              eee555eee555  没有工具  98    2 ms   中继已连上，但提供工具的一端没有连上。
智能体 9           ddd444ddd444  已停用

服务     类型      状态  说明
weather  HTTP      就绪
日历     本地程序  失败  It was not found.
`},
		{"endpoint list", "en", ExitOK, `ENDPOINT           ID            HOST               TOKEN                      STATE          SCORE  ROUND TRIP  NOTE
Kids               bbb222bbb222  api.xiaozhi.me     expired since Jan 1, 2021  Down           12                 The token has expired. Copy a fresh address from the console.
agent 9            ddd444ddd444  api.xiaozhi.me                                Off
书房小智           aaa111aaa111  api.xiaozhi.me                                Up             98     31 ms
192.168.1.20:8004  ccc333ccc333  192.168.1.20:8004                             Paused
Relay              eee555eee555  192.168.1.20:8004                             Without tools  98     2 ms        The relay is there, but nothing that offers tools is connected to it.
`},
		{"tool list", "zh", ExitOK, `工具               服务     状态  说明
weather__forecast  weather  启用  The weather for a day.
日历__查询         日历     停用  ]0;owned` + strings.Repeat("长", 33) + `…
`},
		{"tool call weather__forecast", "en", ExitFailed, "Rain[2J\nall day\n{\"type\":\"image\",\"data\":\"AA\"}\n"},
		{"tool call other", "en", ExitFailed, "Error: What URL answers is not understood. Is the running program of another version?\n"},
		{"config path", "en", ExitOK, "/home/me/xiaozhi.config.json\n"},
		{"endpoint pause nobody", "zh", ExitFailed, "错误：没有“nobody”这个接入点。现有：书房小智 (aaa111aaa111)、Kids[31m (bbb222bbb222)、192.168.1.20:8004 (ccc333ccc333)、Relay (eee555eee555)、智能体 9 (ddd444ddd444)。\n"},
	} {
		var out bytes.Buffer
		code := execute(append(strings.Fields(c.args), "--data", data), console{ctx: t.Context(), in: strings.NewReader(""), out: &out, err: &out, words: assets.Words(c.lang)})
		got := strings.NewReplacer(address, "URL", fmt.Sprint(os.Getpid()), "PID").Replace(out.String())
		if code != c.code || got != c.want {
			t.Errorf("%s in %s: exit code %d\n%s\nwant %d\n%s", c.args, c.lang, code, got, c.code, c.want)
		}
	}
}
