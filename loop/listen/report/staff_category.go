package report

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// deskCategories lists what people may report, and how it is treated.
func (s *Reports) deskCategories(c *web.Context) error {
	list, err := s.list(c.Ctx(), c.Store)
	if err != nil {
		return err
	}
	var crews []Choice
	if err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		crews, err = s.crews(c, tx)
		return err
	}); err != nil {
		return err
	}
	t := page.TableData{Caption: c.T("report.menu.categories"), CaptionHidden: true, Columns: []page.Column{{Label: c.T("report.category.label")}, {Label: c.T("report.category.heading")},
		{Label: c.T("report.category.promise")}, {Label: c.T("report.desk.column.crew")}, {Label: c.T("report.category.radius"), Right: true}, {Label: c.T("report.category.rules")}}}
	for _, x := range list {
		d := x.Detail.V
		var rules []string
		for key, on := range map[string]bool{"private": x.Private(), "review": d.ReviewPhotos || d.ReviewText || d.Sensitive, "closed": !x.Active, "season": d.SeasonFrom != "", "named": !d.Anonymous} {
			if on {
				rules = append(rules, c.T("report.category.rule."+key))
			}
		}
		slices.Sort(rules)
		t.Rows = append(t.Rows, []page.Cell{{Head: true, Text: x.Label, Href: c.Href(categoriesPath + "/" + x.ID.String()), Note: x.Code}, {Text: x.Heading},
			{Text: shownDelay(c.Ctx(), d.Promised(d.Priority, nil))}, {Text: nameOf(crews, d.Crew)}, {Text: i18n.From(c.Ctx()).Integer(int64(x.Radius()))}, {Text: strings.Join(rules, ", ")}})
	}
	p, err := c.StaffPage(c.T("report.menu.categories"))
	if err != nil {
		return err
	}
	p.Heading, p.Lead, p.Tools = p.Title, c.T("report.category.lead"), page.Button(page.ButtonData{Label: c.T("report.category.new"), Icon: "plus", Kind: "primary", Href: c.Href(categoriesPath + "/nouvelle")})
	return c.Render(categoriesPage(p, t, c.TakeFlash()))
}

type categoryView struct {
	Category   Category
	Errors     []page.FieldError
	Action     string
	Days       string // promised, in working days
	Urgent     string
	Promises   string // one per line, see writePromises
	Routes     string
	Questions  string // JSON
	Causes     string
	Keywords   string
	Radius     string
	Reopen     string
	Rank       string
	Crews      []page.Option
	Owners     []page.Option
	Priorities []page.Option
	Sectors    []Choice
	CrewNames  []Choice
	Fresh      bool
}

func (s *Reports) newCategory(c *web.Context) error {
	x := Category{Active: true, Rank: 500, Detail: store.JSON[Detail]{V: Detail{RadiusM: defaultRadius, Anonymous: true, Priority: Normal, ReopenDays: 30, Promises: []Promise{{Minutes: 10 * workingDay}}}}}
	return s.renderCategory(c, http.StatusOK, x, nil, nil)
}

func (s *Reports) editCategory(c *web.Context) error {
	x, err := s.categoryOf(c)
	if err != nil {
		return err
	}
	return s.renderCategory(c, http.StatusOK, x, nil, nil)
}

func (s *Reports) categoryOf(c *web.Context) (Category, error) {
	id, err := c.ID("id")
	if err != nil {
		return Category{}, err
	}
	list, err := s.list(c.Ctx(), c.Store)
	if err != nil {
		return Category{}, err
	}
	for _, x := range list {
		if x.ID == id {
			return x, nil
		}
	}
	return Category{}, fault.New(fault.NotFound, "")
}

func (s *Reports) renderCategory(c *web.Context, status int, x Category, typed url.Values, errs []page.FieldError) error {
	d := x.Detail.V
	v := categoryView{Category: x, Errors: errs, Fresh: x.ID == 0, Action: c.Href(categoriesPath + "/nouvelle"), Radius: strconv.Itoa(x.Radius()), Reopen: strconv.Itoa(d.ReopenDays),
		Rank: strconv.Itoa(x.Rank), Causes: strings.Join(d.Causes, "\n"), Keywords: strings.Join(d.Keywords, ", "), Promises: writePromises(d.Promises), Routes: writeRoutes(d.Routes)}
	if x.ID != 0 {
		v.Action = c.Href(categoriesPath + "/" + x.ID.String())
	}
	if len(d.Questions) > 0 {
		if raw, err := json.MarshalIndent(d.Questions, "", "  "); err == nil {
			v.Questions = string(raw)
		}
	}
	if typed != nil {
		v.Radius, v.Reopen, v.Rank, v.Causes, v.Keywords = typed.Get("radius"), typed.Get("reopen"), typed.Get("rank"), typed.Get("causes"), typed.Get("keywords")
		v.Promises, v.Routes, v.Questions = typed.Get("promises"), typed.Get("routes"), typed.Get("questions")
	}
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		if v.CrewNames, err = s.crews(c, tx); err != nil || s.SectorList == nil {
			return err
		}
		v.Sectors, err = s.SectorList(c.Ctx(), tx)
		return err
	})
	if err != nil {
		return err
	}
	v.Crews = choiceOptions(c.T("report.desk.nocrew"), v.CrewNames, d.Crew.String())
	if s.StaffList != nil {
		people, err := s.StaffList(c.Ctx(), c.Store)
		if err != nil {
			return err
		}
		v.Owners = choiceOptions(c.T("report.desk.noowner"), people, d.Owner.String())
	}
	for _, p := range Priorities() {
		v.Priorities = append(v.Priorities, page.Option{Value: p.String(), Label: c.T(p.Label()), Selected: p == d.Priority})
	}
	title := x.Label
	if v.Fresh {
		title = c.T("report.category.new")
	}
	p, err := c.StaffPage(title)
	if err != nil {
		return err
	}
	p.Heading, p.HasError = title, len(errs) > 0
	p.Crumbs = []page.Link{{Label: c.T("report.menu.categories"), Href: c.Href(categoriesPath)}, {Label: title}}
	return c.RenderStatus(status, categoryPage(p, v))
}

// String is the number that forms carry.
func (p Priority) String() string { return strconv.Itoa(int(p)) }

func readPriority(s string) Priority {
	n, err := strconv.Atoi(s)
	if err != nil || n < int(Low) || n > int(Urgent) {
		return Normal
	}
	return Priority(n)
}

// writePromises writes promises as lines "priority | sector | days", "*" for
// every one.
func writePromises(list []Promise) string {
	var out []string
	for _, p := range list {
		out = append(out, star(int64(p.Priority))+" | "+star(int64(p.Sector))+" | "+strconv.FormatFloat(float64(p.Minutes)/workingDay, 'f', -1, 64))
	}
	return strings.Join(out, "\n")
}

func star(n int64) string {
	if n == 0 {
		return "*"
	}
	return strconv.FormatInt(n, 10)
}

func writeRoutes(list []Route) string {
	var out []string
	for _, r := range list {
		out = append(out, star(int64(r.Sector))+" | "+star(int64(r.Crew))+" | "+star(int64(r.Owner)))
	}
	return strings.Join(out, "\n")
}

// readLines reads lines of three fields; ok is false when one cannot be read.
func readLines(text string, use func(a, b int64, c string) bool) bool {
	for _, line := range strings.Split(strings.ReplaceAll(text, "\r", ""), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		parts := strings.Split(line, "|")
		if len(parts) != 3 {
			return false
		}
		var n [2]int64
		for i := range n {
			x := strings.TrimSpace(parts[i])
			if x == "*" {
				continue
			}
			v, err := strconv.ParseInt(x, 10, 64)
			if err != nil || v < 0 {
				return false
			}
			n[i] = v
		}
		if !use(n[0], n[1], strings.TrimSpace(parts[2])) {
			return false
		}
	}
	return true
}

// readCategory fills a category from its form and says what cannot be read.
func readCategory(f url.Values, x *Category) (wrong fault.Fields) {
	d := &x.Detail.V
	x.Label, x.Heading, x.Active = f.Get("label"), f.Get("heading"), f.Get("active") != ""
	d.Hint, d.Warning, d.Templates = f.Get("hint"), tidy(f.Get("warning")), strings.TrimSpace(f.Get("templates"))
	number := func(name string, to *int, key string) {
		n, err := strconv.Atoi(strings.TrimSpace(f.Get(name)))
		if err != nil {
			wrong.Add(name, key)
			return
		}
		*to = n
	}
	number("radius", &d.RadiusM, "report.error.radius")
	number("reopen", &d.ReopenDays, "report.error.reopen")
	number("rank", &x.Rank, "report.error.rank")
	d.Sensitive, d.Private, d.ReviewText, d.ReviewPhotos = f.Get("sensitive") != "", f.Get("private") != "", f.Get("review_text") != "", f.Get("review_photos") != ""
	d.Anonymous, d.PhoneRequired = f.Get("anonymous") != "", f.Get("phone_required") != ""
	d.Nature = ""
	if f.Get("complaint") != "" {
		d.Nature = "complaint"
	}
	d.Priority, d.SeasonFrom, d.SeasonTo = readPriority(f.Get("priority")), season(f.Get("season_from")), season(f.Get("season_to"))
	d.Crew, _ = store.ParseID(f.Get("crew"))
	d.Owner, _ = store.ParseID(f.Get("owner"))
	d.Causes, d.Keywords = readList(f.Get("causes"), "\n"), readList(f.Get("keywords"), ",\n")
	d.Promises, d.Routes = nil, nil
	if !readLines(f.Get("promises"), func(a, b int64, c string) bool {
		days, err := strconv.ParseFloat(strings.ReplaceAll(c, ",", "."), 64)
		if err != nil || !(days >= 0 && days <= 400) || a > int64(Urgent) || len(d.Promises) >= 100 {
			return false
		}
		d.Promises = append(d.Promises, Promise{Priority(a), store.ID(b), int(days * workingDay)})
		return true
	}) {
		wrong.Add("promises", "report.error.promises")
	}
	if !readLines(f.Get("routes"), func(a, b int64, c string) bool {
		owner, err := strconv.ParseInt(strings.ReplaceAll(c, "*", "0"), 10, 64)
		if err != nil || len(d.Routes) >= 300 {
			return false
		}
		d.Routes = append(d.Routes, Route{store.ID(a), store.ID(b), store.ID(owner)})
		return true
	}) {
		wrong.Add("routes", "report.error.routes")
	}
	d.Questions = nil
	if raw := strings.TrimSpace(f.Get("questions")); raw != "" {
		if err := json.Unmarshal([]byte(raw), &d.Questions); err != nil {
			wrong.Add("questions", "report.error.questions")
		}
	}
	return wrong
}

// season reads "01/04" as "04-01".
func season(s string) string {
	s = strings.TrimSpace(s)
	if day, month, ok := strings.Cut(s, "/"); ok {
		return month + "-" + day
	}
	return s
}

func readList(s, seps string) []string {
	var out []string
	for _, x := range strings.FieldsFunc(strings.ReplaceAll(s, "\r", ""), func(r rune) bool { return strings.ContainsRune(seps, r) }) {
		if x = strings.TrimSpace(x); x != "" && !slices.Contains(out, x) {
			out = append(out, shorten(x, maxLabel))
		}
	}
	return out
}

func (s *Reports) createCategory(c *web.Context) error {
	return s.saveCategory(c, Category{Detail: store.JSON[Detail]{V: Detail{RadiusM: defaultRadius}}})
}

func (s *Reports) writeCategory(c *web.Context) error {
	x, err := s.categoryOf(c)
	if err != nil {
		return err
	}
	return s.saveCategory(c, x)
}

func (s *Reports) saveCategory(c *web.Context, x Category) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if x.ID == 0 {
		x.Code = f.Get("code")
	} else if v, err := strconv.ParseInt(f.Get("version"), 10, 64); err == nil {
		x.Version = v
	}
	wrong := readCategory(f, &x)
	if err := x.Check(); err != nil {
		for _, e := range fieldsOf(err) {
			if !wrong.Has(e.Name) {
				wrong = append(wrong, e)
			}
		}
	}
	if err = wrong.Err(); err == nil {
		_, err = s.SaveCategory(c.Ctx(), c.Store, x)
	}
	conflict := fault.Is(err, fault.Conflict)
	if errs, ok := c.FieldErrors(err); err != nil && (ok || conflict) {
		if conflict {
			errs = []page.FieldError{{Message: c.T(orKey(fault.Of(err).Key))}}
		}
		return s.renderCategory(c, fault.Of(err).Kind.Status(), x, f, errs)
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("report.category.saved"))
	return c.Redirect(categoriesPath)
}
