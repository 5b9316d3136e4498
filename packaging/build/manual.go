package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"path/filepath"

	"xiaozhi-switchboard/app"
)

// manuals are the folders of manual pages below a share folder, by language.
var manuals = map[string]string{"en": "man/man1", "zh": "man/zh_CN/man1"}

// manual lays the manual pages, packed as packages have them.
func (j *job) manual(share string) error {
	for language, folder := range manuals {
		packed, err := packedPage(app.ManPage(language, j.release.version.String(), j.release.day()))
		if err != nil {
			return err
		}
		if err := j.write(filepath.Join(share, folder, program+".1.gz"), packed); err != nil {
			return err
		}
	}
	return nil
}

// packedPage packs a page. Neither a name nor a time is in it.
func packedPage(page []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(page)
	err = errors.Join(err, w.Close())
	return b.Bytes(), err
}
