package app

import (
	"path/filepath"

	"xiaozhi-switchboard/core/history"
)

// historyName is the file, in the data folder, of what pages show of the past.
const historyName = "history.db"

// openPast opens what pages show of the past. It is nice to have, so that nothing about it
// stops the program; a demo has none.
func (a *App) openPast() *history.Store {
	if a.demo != nil {
		return nil
	}
	dir, err := a.params.dataDir()
	if err == nil {
		var store *history.Store
		if store, err = history.Open(filepath.Join(dir, historyName), &history.Options{Logger: a.log.Logger}); err == nil {
			return store
		}
	}
	a.log.Warn("history is not kept: charts begin anew with each start until this file can be opened and written", "file", filepath.Join(dir, historyName), "error", err)
	return nil
}
