package assets

import (
	"slices"
	"strings"
	"testing"
	"text/template"

	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// TestPhrasesAgree holds every text, filled by us, against what its template gives.
func TestPhrasesAgree(t *testing.T) {
	for _, lang := range Languages() {
		words := Words(lang)
		for key, forms := range messages(t, lang) {
			names := placeholders(forms["other"])
			for _, n := range []int{0, 1, 2, 21, 999, 1000, -1, 1234567} {
				for _, value := range []any{"<b>{{.x}}</b>\x00", 1.5, 77} {
					var args []any
					data := map[string]any{}
					text := forms["other"]
					for _, name := range names {
						v := value
						if name == "n" {
							v = n
							if one, ok := forms["one"]; ok && (n == 1 || n == -1) {
								text = one
							}
						}
						args, data[name] = append(args, name, v), v
						if n, ok := v.(int); ok {
							data[name] = words.Number(n)
						}
					}
					var want strings.Builder
					if err := template.Must(template.New("").Parse(text)).Execute(&want, data); err != nil {
						t.Fatal(err)
					}
					for range 2 {
						if got := words.Say(key, args...); got != want.String() {
							t.Errorf("%s %s %v: got %q, want %q", lang, key, args, got, &want)
						}
					}
					slices.Reverse(args) // names are not where they were: nothing is found, and nothing breaks
					words.Say(key, args...)
				}
			}
		}
	}
}

func TestNumbersAgree(t *testing.T) {
	for _, lang := range Languages() {
		printer := message.NewPrinter(Words(lang).tag)
		for _, n := range []int{-1000, -1, 0, 7, 999, 1000, 1234567} {
			if got, want := Words(lang).Number(n), printer.Sprint(number.Decimal(n)); got != want {
				t.Errorf("%s: %d is %q, want %q", lang, n, got, want)
			}
		}
	}
}

// TestPhraseTakesOtherNames asks for one text with names in another order and number.
func TestPhraseTakesOtherNames(t *testing.T) {
	words := Words("en")
	for range 2 {
		for want, args := range map[string][]any{
			"3 of 5 connected":        {"up", 3, "all", 5},
			"4 of 6 connected":        {"all", 6, "up", 4},
			"1 of {{.all}} connected": {"up", 1},
		} {
			if got := words.Say("figure.links", args...); got != want {
				t.Errorf("%v: got %q, want %q", args, got, want)
			}
		}
	}
}

func BenchmarkSay(b *testing.B) {
	words := Words("en")
	b.ReportAllocs()
	for b.Loop() {
		if words.Say("tools.count", "n", 12) == "" {
			b.Fatal("no text")
		}
	}
}
