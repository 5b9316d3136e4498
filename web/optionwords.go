package web

import (
	"strconv"
	"strings"
	"time"
)

// optionValue writes a value of an option for people, with the names of the file.
func (p painter) optionValue(o option, value string) string {
	switch {
	case o.boxed && value == "on":
		return p.say("option.on")
	case o.boxed:
		return p.say("option.off")
	case o.key == "language" && value == "":
		return p.say("option.language.system")
	case o.listed && value == "":
		return p.say("option.none")
	case o.listed:
		return strings.Join(wordsIn(value), p.say("list.comma"))
	case o.unit == "":
		return value
	}
	amount, err := strconv.Atoi(value)
	if err != nil {
		return value
	}
	text := p.words.Number(amount) + " " + p.say("option.unit."+o.unit)
	if o.unit == "ms" {
		text = p.alsoCalled(text, amount)
	}
	return text
}

// optionWord is optionValue with the words of the form.
func (p painter) optionWord(o option, value string) string {
	if key := "option.choice." + value; o.choices != nil && p.say(key) != key {
		return p.say(key)
	}
	if name := languageNames[value]; o.key == "language" && name != "" {
		return name
	}
	return p.optionValue(o, value)
}

// alsoCalled adds to milliseconds what people call so many, where they do.
func (p painter) alsoCalled(text string, ms int) string {
	d := time.Duration(ms) * time.Millisecond
	name := p.length(d)
	switch {
	case d < time.Second || d%time.Second != 0:
		return text
	case d > time.Minute && d%time.Minute != 0:
		name = p.say("length.seconds", "n", int(d/time.Second))
	case d > time.Hour && d%time.Hour != 0:
		name = p.say("length.minutes", "n", int(d/time.Minute))
	}
	return p.say("option.called", "amount", text, "name", name)
}

// optionBounds says what a value may be; empty when anything goes.
func (p painter) optionBounds(o option) string {
	switch {
	case o.boxed || o.wordy || o.listed:
		return ""
	case o.key == "language":
		return p.say("option.range.names", "names", "zh"+p.say("list.comma")+"en")
	case o.choices != nil:
		return p.say("option.range.names", "names", strings.Join(o.choices, p.say("list.comma")))
	case o.zero:
		return p.say("option.range.zero", "min", p.bound(o, o.min), "max", p.bound(o, o.max))
	}
	return p.say("option.range", "min", p.bound(o, o.min), "max", p.bound(o, o.max))
}

// bound writes a bound so that it can be read: amounts have separators, and long times their
// names.
func (p painter) bound(o option, v float64) string {
	if o.unit == "" || v != float64(int(v)) {
		return plain(v)
	}
	text := p.words.Number(int(v))
	if o.unit == "ms" && v >= 60_000 {
		text = p.alsoCalled(text, int(v))
	}
	return text
}
