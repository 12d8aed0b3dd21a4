package probes

import (
	_ "embed"

	"deckhand/commands/lambda"
)

// source is the program of a probe. The pretend AWS knows it by its first line.
//
//go:embed function/index.py
var source []byte

const (
	handler = "index.lambda_handler"
	runtime = "python3.13"
	timeout = 70 // seconds: the longest look, and what is around it
)

// archive is the program as Lambda takes it.
func archive() ([]byte, error) { return lambda.Archive(source) }
