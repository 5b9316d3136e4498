package hub

import "strings"

// Words holds every sentence that the hub says to the assistant. Names in braces
// are replaced when the sentence is used. Empty sentences of a Words given in
// Options are filled from English.
type Words struct {
	// Away answers a call to a server that is not running: {server}.
	Away string
	// Died answers a call whose server ended meanwhile: {server}.
	Died string
	// Overloaded answers a call that a server has no room for: {server}.
	Overloaded string
	// TooLarge answers a call whose result is over 32 MiB: {tool}.
	TooLarge string
	// Refused answers a call that failed in the protocol: {tool}, {reason}.
	Refused string
	// Late answers a call that outlives the deadline: {tool}, {seconds}, {pending}
	// is the name of the tool that has the result later.
	Late string
	// LateUnkept is Late for an endpoint that does not see that tool.
	LateUnkept string
	// GaveUp is the late result of a call that was stopped: {tool}, {minutes}.
	GaveUp string
	// Empty is a result without content.
	Empty string
	// Failed is an error without words.
	Failed string
	// Cut ends a text that was too long.
	Cut string
	// Result stands before a text that a voice server would take for a command.
	Result string
	// Image, Audio, File, Link and Unknown name what is not sent: {type}, {size},
	// {name}.
	Image, Audio, File, Link, Unknown string

	// PendingNone, PendingRunning ({tool}, {seconds}) and PendingReady ({tool}) are
	// what pending_result says; PendingMore ({count}) follows.
	PendingNone, PendingRunning, PendingReady, PendingMore string
	// Zone answers a time zone that does not exist: {zone}.
	Zone string
	// Time is the answer of the time tool: {date}, {time}, {weekday}, {zone},
	// {offset}.
	Time string
	// Weekdays are the names of the days, Sunday first.
	Weekdays [7]string
	// NoStatus is the answer of the status tool when Options.Status is nil.
	NoStatus string

	// StatusTool, TimeTool, TimeZoneParam and PendingTool describe the built-in
	// tools.
	StatusTool, TimeTool, TimeZoneParam, PendingTool string
}

// English returns the sentences in English.
func English() Words {
	return Words{
		Away:           "The tool server {server} is not running at the moment. Please try again shortly.",
		Died:           "The tool server {server} stopped while it was working on this. It is being restarted; whether the action was carried out is not known.",
		Overloaded:     "The tool server {server} is not keeping up with its calls. Please try again shortly.",
		TooLarge:       "The answer of {tool} is too large to be passed on.",
		Refused:        "{tool} could not be carried out: {reason}",
		Late:           "{tool} is taking longer than {seconds} seconds and keeps running. Tell the user so, and call {pending} a little later to get the result.",
		LateUnkept:     "{tool} is taking longer than {seconds} seconds and keeps running in the background. Tell the user so.",
		GaveUp:         "{tool} did not finish within {minutes} minutes and was stopped.",
		Empty:          "Done. There was nothing to report.",
		Failed:         "The tool reported an error without saying which.",
		Cut:            "… (shortened)",
		Result:         "Result: ",
		Image:          "[an image, {type}, {size}, which cannot be shown here]",
		Audio:          "[a sound, {type}, {size}, which cannot be played here]",
		File:           "[a file, {name}, {type}, {size}]",
		Link:           "[a link: {name}]",
		Unknown:        "[something of the kind {type}, which cannot be shown here]",
		PendingNone:    "No result is waiting.",
		PendingRunning: "{tool} is still running, for {seconds} seconds so far.",
		PendingReady:   "The result of {tool}:",
		PendingMore:    "{count} more results are ready; call this tool again.",
		Zone:           "The time zone {zone} is not known. Use a name such as Asia/Shanghai or Europe/Berlin.",
		Time:           "It is {time} on {weekday}, {date}, time zone {zone} ({offset}).",
		Weekdays:       [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		NoStatus:       "The switchboard is running.",
		StatusTool:     "Reports how the switchboard is doing: which links are up, their health, and memory and CPU use.",
		TimeTool:       "Tells the current date, time, weekday and time zone.",
		TimeZoneParam:  "IANA name of a time zone, such as Asia/Shanghai. Leave out for local time.",
		PendingTool:    "Returns the result of an earlier call that took too long to wait for.",
	}
}

// Chinese returns the sentences in simplified Chinese.
func Chinese() Words {
	return Words{
		Away:           "工具服务 {server} 现在没有运行，请稍后再试。",
		Died:           "工具服务 {server} 在处理过程中停止了，正在重新启动；操作是否已经执行无法确定。",
		Overloaded:     "工具服务 {server} 忙不过来，请稍后再试。",
		TooLarge:       "{tool} 返回的内容太大，无法转交。",
		Refused:        "{tool} 未能执行：{reason}",
		Late:           "{tool} 运行超过 {seconds} 秒，仍在继续。请告诉用户需要再等一会儿，稍后调用 {pending} 获取结果。",
		LateUnkept:     "{tool} 运行超过 {seconds} 秒，仍在后台继续。请告诉用户。",
		GaveUp:         "{tool} 在 {minutes} 分钟内没有完成，已停止。",
		Empty:          "已完成，没有返回内容。",
		Failed:         "工具报告出错，但没有说明原因。",
		Cut:            "……（内容过长，已截断）",
		Result:         "结果：",
		Image:          "［一张图片，{type}，{size}，这里无法显示］",
		Audio:          "［一段声音，{type}，{size}，这里无法播放］",
		File:           "［一个文件，{name}，{type}，{size}］",
		Link:           "［一个链接：{name}］",
		Unknown:        "［{type} 类型的内容，这里无法显示］",
		PendingNone:    "没有等待中的结果。",
		PendingRunning: "{tool} 仍在运行，已经 {seconds} 秒。",
		PendingReady:   "{tool} 的结果：",
		PendingMore:    "还有 {count} 个结果，请再次调用本工具。",
		Zone:           "不认识时区 {zone}。请使用 Asia/Shanghai、Europe/Berlin 这样的名称。",
		Time:           "现在是{date}，{weekday}，{time}，时区 {zone}（{offset}）。",
		Weekdays:       [7]string{"星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"},
		NoStatus:       "总机正在运行。",
		StatusTool:     "报告小智总机的状态：各连接是否在线、健康状况、内存和 CPU 占用。",
		TimeTool:       "查询当前日期、时间、星期和时区。",
		TimeZoneParam:  "IANA 时区名称，例如 Asia/Shanghai。不填则为本地时间。",
		PendingTool:    "获取之前因耗时过长而没有等到的调用结果。",
	}
}

// fill replaces the names in braces: fill("{a}", "a", "x") is "x".
func fill(sentence string, pairs ...string) string {
	if !strings.Contains(sentence, "{") {
		return sentence
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		pairs[i] = "{" + pairs[i] + "}"
	}
	return strings.NewReplacer(pairs...).Replace(sentence)
}

// complete returns w with its empty sentences filled from English.
func (w Words) complete() Words {
	e := English()
	for _, p := range []struct {
		to   *string
		from string
	}{
		{&w.Away, e.Away}, {&w.Died, e.Died}, {&w.Overloaded, e.Overloaded}, {&w.TooLarge, e.TooLarge},
		{&w.Refused, e.Refused}, {&w.Late, e.Late}, {&w.LateUnkept, e.LateUnkept}, {&w.GaveUp, e.GaveUp}, {&w.Empty, e.Empty},
		{&w.Failed, e.Failed}, {&w.Cut, e.Cut}, {&w.Result, e.Result}, {&w.Image, e.Image}, {&w.Audio, e.Audio},
		{&w.File, e.File}, {&w.Link, e.Link}, {&w.Unknown, e.Unknown}, {&w.PendingNone, e.PendingNone},
		{&w.PendingRunning, e.PendingRunning}, {&w.PendingReady, e.PendingReady}, {&w.PendingMore, e.PendingMore},
		{&w.Zone, e.Zone}, {&w.Time, e.Time}, {&w.NoStatus, e.NoStatus}, {&w.StatusTool, e.StatusTool},
		{&w.TimeTool, e.TimeTool}, {&w.TimeZoneParam, e.TimeZoneParam}, {&w.PendingTool, e.PendingTool},
	} {
		if *p.to == "" {
			*p.to = p.from
		}
	}
	for i := range w.Weekdays {
		if w.Weekdays[i] == "" {
			w.Weekdays[i] = e.Weekdays[i]
		}
	}
	return w
}
