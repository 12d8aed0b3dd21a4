package wire

import (
	"reflect"
	"testing"
	"time"
)

type shape struct {
	Name  *string
	Count int32
	At    *time.Time
	Since *int64
	Raw   []byte
	Parts []shape
	Notes map[string]string
}

func TestWhatIsReadOfJSON(t *testing.T) {
	t.Parallel()
	text, at, since := "web", time.Unix(1_700_000_000, 500e6).UTC(), int64(1_700_000_000_123)
	for body, want := range map[string]shape{
		``:                                  {},
		` {} `:                              {},
		`{"name":"web","unknown":[1,{}]}`:   {Name: &text},
		`{"Name":null,"parts":null}`:        {},
		`{"at":1700000000.5}`:               {At: &at},
		`{"at":"2023-11-14T22:13:20.5Z"}`:   {At: &at},
		`{"since":1700000000123.25}`:        {Since: &since},
		`{"since":1700000000123,"count":7}`: {Since: &since, Count: 7},
		`{"raw":"+/8="}`:                    {Raw: []byte{0xfb, 0xff}},
		`{"parts":[{"name":"web"},{}]}`:     {Parts: []shape{{Name: &text}, {}}},
		`{"notes":{"a":"b"}}`:               {Notes: map[string]string{"a": "b"}},
	} {
		var got shape
		if err := readJSON([]byte(body), reflect.ValueOf(&got).Elem()); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: read %+v, %v; want %+v", body, got, err, want)
		}
	}
	for _, body := range []string{`{`, `[]`, `{"count":"x"}`, `{"count":{}}`, `{"count":99999999999}`, `{"at":true}`, `{"raw":"*"}`, `{"parts":{}}`, `{"notes":[]}`, `{"name":1}`} {
		var got shape
		if err := readJSON([]byte(body), reflect.ValueOf(&got).Elem()); err == nil {
			t.Errorf("%s: read %+v without a word", body, got)
		}
	}
}
