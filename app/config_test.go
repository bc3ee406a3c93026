package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parvis/app"
	"parvis/platform/fault"
)

func TestConfiguration(t *testing.T) {
	file := func(text string) string {
		p := filepath.Join(t.TempDir(), "parvis.toml")
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	c, err := app.LoadConfig(file("listen = \"0.0.0.0:80\"\nproxies = [\"127.0.0.1\", \"10.0.0.0/8\"]\n[mail]\nhost = \"smtp.exemple.fr\"\nport = 2525\n"), []string{"PARVIS_MAIL_PORT=465", "HOME=/x"})
	if err != nil || c.Listen != "0.0.0.0:80" || c.MailHost != "smtp.exemple.fr" || c.MailPort != 465 || len(c.Proxies) != 2 || !strings.HasPrefix(c.Database, "sqlite:") {
		t.Errorf("%+v, %v", c, err)
	}
	for name, x := range map[string]struct {
		file  string
		env   []string
		field string
		near  string
	}{
		"unknown key":       {file: "[mail]\nhots = \"x\"\n", field: "mail.hots", near: "mail.host"},
		"unknown table":     {file: "[smtp]\nhost = \"x\"\n", field: "smtp.host"},
		"unknown variable":  {env: []string{"PARVIS_BASEURL=https://x.example"}, field: "PARVIS_BASEURL", near: "PARVIS_BASE_URL"},
		"port":              {env: []string{"PARVIS_MAIL_PORT=70000"}, field: "PARVIS_MAIL_PORT"},
		"not a number":      {file: "[mail]\nport = \"vingt-cinq\"\n", field: "mail.port"},
		"word":              {file: "[sms]\nprovider = \"pigeon\"\n", field: "sms.provider"},
		"address":           {env: []string{"PARVIS_BASE_URL=parvis.example"}, field: "PARVIS_BASE_URL"},
		"address with path": {env: []string{"PARVIS_BASE_URL=https://parvis.example/a"}, field: "PARVIS_BASE_URL"},
		"yes or no":         {env: []string{"PARVIS_LIMITS=peut-être"}, field: "PARVIS_LIMITS"},
		"proxy":             {env: []string{"PARVIS_PROXIES=127.0.0.1,chez-moi"}, field: "PARVIS_PROXIES"},
	} {
		path := ""
		if x.file != "" {
			path = file(x.file)
		}
		_, err := app.LoadConfig(path, x.env)
		f := fault.Of(err)
		if f == nil || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Name != x.field {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if x.near != "" && !strings.Contains(strings.Join(words(f.Fields[0].Args), " "), x.near) {
			t.Errorf("%s: nearest key not said: %v", name, f.Fields[0].Args)
		}
	}
	for _, p := range []string{"/nowhere/parvis.toml", file("listen = \n")} {
		if _, err := app.LoadConfig(p, nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", p, err)
		}
	}
}

func words(args []any) []string {
	var out []string
	for _, a := range args {
		if s, ok := a.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// TestCommandLine runs the program's commands as they are typed.
func TestCommandLine(t *testing.T) {
	run := func(env []string, args ...string) (int, string, string) {
		var out, errOut strings.Builder
		code := app.Main(args, env, &out, &errOut)
		return code, out.String(), errOut.String()
	}
	if code, out, _ := run(nil, "version"); code != 0 || !strings.HasPrefix(out, "parvis ") {
		t.Errorf("version: %d %q", code, out)
	}
	if code, out, _ := run(nil, "--help"); code != 0 || !strings.Contains(out, "serve") || !strings.Contains(out, "doctor") {
		t.Errorf("help: %d %q", code, out)
	}
	if code, _, e := run(nil, "danser"); code != 2 || !strings.Contains(e, "La ligne de commande n’est pas comprise") {
		t.Errorf("unknown command: %d %q", code, e)
	}
	if code, _, e := run([]string{"PARVIS_MAIL_HOTS=x"}, "migrate"); code != 2 || !strings.Contains(e, "PARVIS_MAIL_HOST") {
		t.Errorf("unknown variable: %d %q", code, e)
	}
	env := []string{"PARVIS_DATA=" + filepath.Join(t.TempDir(), "data")}
	if code, out, e := run(env, "migrate"); code != 0 || !strings.Contains(out, "à jour") {
		t.Errorf("migrate: %d %q %q", code, out, e)
	}
	if code, _, e := run(env, "import", "places", "/nowhere.csv"); code != 1 || !strings.Contains(e, "ne peut pas être ouvert") {
		t.Errorf("import of nothing: %d %q", code, e)
	}
	if code, out, e := run(env, "invite", "--territory", "d38", "--name", "Iris Bleuet", "iris@exemple.fr"); code != 0 || !strings.Contains(out, "/invitation/") {
		t.Errorf("invite: %d %q %q", code, out, e)
	}
	for _, bad := range [][]string{{"--territory", "d999", "--name", "Iris Bleuet", "iris@exemple.fr"}, {"--territory", "d38", "--name", "Iris Bleuet", "iris"},
		{"--territory", "d38", "--role", "roi", "--name", "Iris Bleuet", "iris@exemple.fr"}} {
		if code, out, e := run(env, append([]string{"invite"}, bad...)...); code != 1 || e == "" || strings.Contains(out, "/invitation/") || strings.Contains(e, "⟦") {
			t.Errorf("invite %v: %d %q %q", bad, code, out, e)
		}
	}
	if code, out, _ := run(env, "doctor"); code != 0 || !strings.Contains(out, "base de données") || !strings.Contains(out, "mail.host") {
		t.Errorf("doctor: %d %q", code, out)
	}
	if code, out, _ := run([]string{"PARVIS_DATA=" + t.TempDir(), "PARVIS_DATABASE=postgres://nobody:x@127.0.0.1:1/none"}, "doctor"); code != 1 || !strings.Contains(out, "ne répond pas") || strings.Contains(out, "nobody:x") {
		t.Errorf("doctor without database: %d %q", code, out)
	}

	// Everything that can be wrong with an option, an address or a file is said in
	// French before anything is done.
	write := func(name, content string) string {
		p := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(p, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	real, err := os.ReadFile("../../shared/data/france-services-2024-08-01.csv")
	if err != nil {
		t.Fatal(err)
	}
	header, rest, _ := strings.Cut(string(real), "\n")
	row, _, _ := strings.Cut(rest, "\n")
	for _, x := range []struct {
		args []string
		env  string
		code int
		says string
	}{
		{[]string{"serve", "--listen", "nulle-part:99999"}, "", 2, "--listen\u00a0: indiquez une adresse et un port"},
		{[]string{"serve", "--listen", "127.0.0.1"}, "", 2, "--listen"},
		{[]string{"demo", "--listen", "8080"}, "", 2, "--listen"},
		{[]string{"serve", "--listne", "x"}, "", 2, "l’option --listne n’existe pas, la plus proche est --listen"},
		{[]string{"invite"}, "", 2, "il manque"},
		{[]string{"migrate", "tout"}, "", 2, "tout"},
		{[]string{"serve"}, "PARVIS_LISTEN=x", 2, "PARVIS_LISTEN"},
		{[]string{"serve"}, "PARVIS_DATABASE=mysql://x", 2, "PARVIS_DATABASE"},
		{[]string{"import", "places", write("vide.csv", "")}, "", 1, "ligne 1"},
		{[]string{"import", "places", write("binaire.csv", "\x00\x01PK\x03\x04")}, "", 1, "id_fs"},
		{[]string{"import", "places", t.TempDir()}, "", 1, "ne peut pas être lu"},
		{[]string{"import", "places", write("guillemet.csv", header+"\n"+row+"\n\"sans fin")}, "", 1, "ligne 3"},
		{[]string{"import", "places", "--territory", "zz", write("x.csv", string(header))}, "", 1, "« zz »"},
		{[]string{"import", "places", "--report", "/nulle/part.csv", write("bon.csv", header+"\n"+row+"\n")}, "", 1, "/nulle/part.csv"},
	} {
		e := env
		if x.env != "" {
			e = append(e[:1:1], x.env)
		}
		code, out, errOut := run(e, x.args...)
		said := strings.ReplaceAll(errOut, "\u00a0", " ")
		if code != x.code || !strings.Contains(said, strings.ReplaceAll(x.says, "\u00a0", " ")) || strings.Contains(errOut, "⟦") {
			t.Errorf("%v %s: %d %q %q", x.args, x.env, code, out, errOut)
		}
	}
	// A line that is not UTF-8 is refused with its number, the others are imported.
	latin := write("latin1.csv", header+"\n"+row+"\n"+strings.Replace(row, ",", "\xe9,", 1)+"\n")
	report := filepath.Join(t.TempDir(), "report.csv")
	if code, out, e := run(env, "import", "places", "--report", report, latin); code != 0 || !strings.Contains(out, "1 ") {
		t.Errorf("latin-1: %d %q %q", code, out, e)
	}
	if b, err := os.ReadFile(report); err != nil || !strings.Contains(string(b), "3;") || !strings.Contains(string(b), "UTF-8") {
		t.Errorf("report %q (%v)", b, err)
	}
	// The doctor says what would stop the start.
	for vars, says := range map[string]string{
		"PARVIS_SMS_PROVIDER=ovh":                                               "sms.*",
		"PARVIS_MAIL_HOST=127.0.0.1 PARVIS_MAIL_FROM=personne":                  "mail.from",
		"PARVIS_MAIL_HOST=127.0.0.1 PARVIS_MAIL_FROM=a@b.fr PARVIS_MAIL_PORT=1": "ne répond pas",
	} {
		if code, out, _ := run(append(env[:1:1], strings.Fields(vars)...), "doctor"); code != 1 || !strings.Contains(out, says) || !strings.Contains(out, "à réparer") {
			t.Errorf("doctor with %s: %d %q", vars, code, out)
		}
	}
}
