package main

import (
	"archive/tar"
	"archive/zip"
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
)

// tarball packs a tree. Owners are root and there is nothing of this machine in it.
func (j *job) tarball(root, file string) error {
	return create(file, func(out io.Writer) error {
		packed, err := gzip.NewWriterLevel(out, gzip.BestCompression)
		if err != nil {
			return err
		}
		w := tar.NewWriter(packed)
		err = laid(root, func(name string, info fs.FileInfo, body []byte) error {
			header := &tar.Header{Name: name, Mode: int64(info.Mode().Perm()), Size: int64(len(body)),
				ModTime: j.release.time, Uname: "root", Gname: "root", Format: tar.FormatPAX}
			if err := w.WriteHeader(header); err != nil {
				return err
			}
			_, err := w.Write(body)
			return err
		})
		return errors.Join(err, w.Close(), packed.Close())
	})
}

// zipped packs a tree for systems that know no tar.
func (j *job) zipped(root, file string) error {
	return create(file, func(out io.Writer) error {
		w := zip.NewWriter(out)
		w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
			return flate.NewWriter(out, flate.BestCompression)
		})
		err := laid(root, func(name string, info fs.FileInfo, body []byte) error {
			header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: j.release.time}
			header.SetMode(info.Mode().Perm())
			f, err := w.CreateHeader(header)
			if err != nil {
				return err
			}
			_, err = f.Write(body)
			return err
		})
		return errors.Join(err, w.Close())
	})
}

func create(file string, fill func(io.Writer) error) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(fill(f), f.Close())
}
