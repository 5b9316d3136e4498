package main

import (
	"crypto/sha256"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"strings"
	"testing"
)

func read(t *testing.T, file string) string {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestIconsAreOfTheDrawing tells when the drawing was changed and the icons were not.
func TestIconsAreOfTheDrawing(t *testing.T) {
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(read(t, "../../assets/static/icon.svg"))))
	if drawn := strings.TrimSpace(read(t, "../icons/drawn-from.sha256")); drawn != sum {
		t.Errorf("the icons were drawn from another drawing: run packaging/icons/draw")
	}
}

// TestBothLanguages sees that what users read in desktop entry and metainfo is there
// in English and in Chinese.
func TestBothLanguages(t *testing.T) {
	entry := read(t, "../linux/xiaozhi-switchboard.desktop")
	for _, key := range []string{"Name", "GenericName", "Comment", "Keywords"} {
		if !strings.Contains(entry, "\n"+key+"=") || !strings.Contains(entry, "\n"+key+"[zh_CN]=") {
			t.Errorf("the desktop entry lacks %s in a language", key)
		}
	}
	languages := map[string]map[string]int{}
	for dec := xml.NewDecoder(strings.NewReader(read(t, "../linux/local.xiaozhi.switchboard.metainfo.xml"))); ; {
		token, _ := dec.Token()
		if token == nil {
			break
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		language := "en"
		for _, a := range start.Attr {
			if a.Name.Local == "lang" {
				language = a.Value
			}
		}
		if languages[start.Name.Local] == nil {
			languages[start.Name.Local] = map[string]int{}
		}
		languages[start.Name.Local][language]++
	}
	for _, element := range []string{"name", "summary", "p", "li"} {
		if n := languages[element]; n["en"] == 0 || n["en"] != n["zh_CN"] {
			t.Errorf("<%s> in the metainfo, by language: %v", element, n)
		}
	}
	var resources struct {
		Version map[string]map[string]struct {
			Info map[string]map[string]string
		} `json:"RT_VERSION"`
	}
	if err := json.Unmarshal([]byte(read(t, "../windows/winres.json")), &resources); err != nil {
		t.Fatal(err)
	}
	info := resources.Version["#1"]["0000"].Info
	if len(info["0409"]) == 0 || len(info["0409"]) != len(info["0804"]) {
		t.Errorf("the version resource has %d entries in English and %d in Chinese", len(info["0409"]), len(info["0804"]))
	}
	installer := read(t, "../windows/installer.nsi")
	for _, kind := range []string{"LangString", "VIAddVersionKey"} {
		english, chinese := 0, 0
		for line := range strings.Lines(installer) {
			if strings.HasPrefix(line, kind) && strings.Contains(line, "{LANG_ENGLISH}") {
				english++
			} else if strings.HasPrefix(line, kind) && strings.Contains(line, "{LANG_SIMPCHINESE}") {
				chinese++
			}
		}
		if english == 0 || english != chinese {
			t.Errorf("the installer has %d of %s in English and %d in Chinese", english, kind, chinese)
		}
	}
}
