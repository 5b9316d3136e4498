package desktop

import "strings"

// markup escapes text for services that read markup.
var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// harmless takes everything from a text that could end a string in XML or PowerShell:
// the library for Windows puts texts into both as they are.
var harmless = strings.NewReplacer("<", "‹", ">", "›", "&", "＆", `"`, "”", "'", "’", "`", "ˋ", "$", "＄", "@", "＠", "\r", " ", "\n", " ")
