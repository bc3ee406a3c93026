package web

import (
	"errors"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"parvis/platform/fault"
)

// Upload is a posted form that may hold files. Close it when done: large files
// wait on the disk.
type Upload struct {
	url.Values
	files map[string][]*multipart.FileHeader
	form  *multipart.Form
}

// uploadMemory is how much of the files of one form stays in memory, in bytes.
const uploadMemory = 2 << 20

// Upload reads a posted form with files, at most max bytes in all: Invalid
// beyond, or when the form is broken. A form without files is read as well.
func (c *Context) Upload(max int64) (Upload, error) {
	if !strings.HasPrefix(c.Request.Header.Get("Content-Type"), "multipart/form-data") {
		values, err := c.Form()
		return Upload{Values: values}, err
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, max)
	if err := c.Request.ParseMultipartForm(uploadMemory); err != nil {
		if c.Request.MultipartForm != nil {
			_ = c.Request.MultipartForm.RemoveAll()
		}
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return Upload{}, fault.New(fault.Invalid, "web.error.large").Because(err)
		}
		return Upload{}, fault.New(fault.Invalid, "web.error.form").Because(err)
	}
	form := c.Request.MultipartForm
	return Upload{Values: url.Values(form.Value), files: form.File, form: form}, nil
}

// Files lists the files sent under a name, at most most; a file control left
// empty sends one without name and bytes, which is left out.
func (u Upload) Files(name string, most int) []*multipart.FileHeader {
	var out []*multipart.FileHeader
	for _, f := range u.files[name] {
		if len(out) < most && (f.Filename != "" || f.Size > 0) {
			out = append(out, f)
		}
	}
	return out
}

// Close forgets the files.
func (u Upload) Close() error {
	if u.form == nil {
		return nil
	}
	return u.form.RemoveAll()
}
