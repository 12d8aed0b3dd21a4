package slacktest

import (
	"cmp"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

func (w *Workspace) filesUploadURL(c call) (answer, error) {
	length, err := strconv.Atoi(c.args["length"])
	if err != nil || length < 1 || c.args["filename"] == "" {
		return nil, refuse("invalid_arguments", "filename and length are required")
	}
	f := &File{ID: w.id("F"), Name: c.args["filename"], Title: c.args["filename"], promised: length}
	w.files[f.ID] = f
	return answer{"upload_url": c.base + "/api/upload/" + f.ID, "file_id": f.ID}, nil
}

// serveUpload takes a file's bytes, as a form's file or as the whole body.
func (w *Workspace) serveUpload(out http.ResponseWriter, r *http.Request) {
	if how, fails := w.failure("upload"); fails && !how.AfterWork {
		how.answer(out)
		return
	}
	var body io.Reader = r.Body
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		file, _, err := r.FormFile("file")
		if err != nil {
			http.Error(out, "no file", http.StatusBadRequest)
			return
		}
		defer func() { _ = file.Close() }()
		body = file
	}
	content, err := io.ReadAll(body)
	if err != nil {
		http.Error(out, "cut short", http.StatusBadRequest)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.files[r.PathValue("id")]
	if f == nil || f.shared || len(content) != f.promised {
		http.Error(out, "not what was announced", http.StatusBadRequest)
		return
	}
	f.Content = content
	_, _ = io.WriteString(out, "OK - "+strconv.Itoa(len(content))) // the client went away
}

func (w *Workspace) filesComplete(c call) (answer, error) {
	var listed []struct{ ID, Title string }
	if json.Unmarshal([]byte(c.args["files"]), &listed) != nil || len(listed) == 0 {
		return nil, refuse("invalid_arguments", "files is required")
	}
	channels := strings.FieldsFunc(c.args["channel_id"]+","+c.args["channels"], func(r rune) bool { return r == ',' })
	for _, channel := range channels {
		if err := w.readable(channel); err != nil {
			return nil, err
		}
	}
	var files []File
	var shown []map[string]any
	for _, l := range listed {
		f := w.files[l.ID]
		if f == nil || f.Content == nil {
			return nil, refuse("file_not_found")
		}
		f.Title, f.shared = cmp.Or(l.Title, f.Name), true
		files = append(files, *f)
		shown = append(shown, map[string]any{"id": f.ID, "title": f.Title})
	}
	blocks, err := w.checkBlocks(c.args["blocks"])
	if err != nil {
		return nil, err
	}
	for _, channel := range channels {
		w.add(Message{
			Channel: channel, Thread: c.args["thread_ts"], User: w.options.BotUserID,
			Text: c.args["initial_comment"], Blocks: blocks, Files: files,
		})
	}
	return answer{"files": shown}, nil
}

func (w *Workspace) wireFile(f File) map[string]any {
	return map[string]any{
		"id": f.ID, "name": f.Name, "title": f.Title, "size": len(f.Content), "mimetype": mimeOf(f.Name),
		"filetype": strings.TrimPrefix(path.Ext(f.Name), "."), "user": w.options.BotUserID, "mode": "hosted",
	}
}

func mimeOf(name string) string {
	return cmp.Or(mime.TypeByExtension(path.Ext(name)), "application/octet-stream")
}
