package lambda

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"fmt"
	"time"

	"deckhand/aws"
)

// counterSource is the example: a function that counts its invocations. The pretend AWS knows it by its first line.
//
//go:embed counter/index.py
var counterSource []byte

const (
	counterHandler = "index.lambda_handler"
	counterRuntime = "python3.13"
	countTable     = "COUNT_TABLE" // the variable that tells the example its table
)

// Origin is where the line takes the function's code from. For the example, that is an archive of the one file index.py with this source.
func (c *Create) Origin() (code aws.FunctionCode, source string) {
	code, _, _ = c.source()
	if c.Example == "" {
		return code, ""
	}
	code.Zip, _ = Archive(counterSource) // a buffer takes everything
	return code, string(counterSource)
}

// Archive is a program of one file as Lambda takes it. The same source makes the same bytes, so that AWS's hash of the code tells whether it
// was changed.
func Archive(source []byte) ([]byte, error) {
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	header := &zip.FileHeader{Name: "index.py", Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	header.SetMode(0o644)
	file, err := archive.CreateHeader(header)
	if err == nil {
		_, err = file.Write(source)
	}
	if err == nil {
		err = archive.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("pack the program: %w", err)
	}
	return out.Bytes(), nil
}
