"""What the people and companies in the benchmarks' data are called."""

from __future__ import annotations

FIRST_NAMES = (
    *("Alice", "Anna", "Arthur", "Björn", "Charlotte", "Clara", "Daniel", "David", "Elif"),
    *("Elsa", "Emily", "Emre", "Erik", "Felix", "Fiona", "Friedrich", "George", "Greta"),
    *("Hannah", "Harry", "Heike", "Ida", "Isabel", "Jack", "Jan", "Jörg", "Johanna", "Jonas"),
    *("Jürgen", "Käthe", "Karl", "Klara", "Lars", "Laura", "Leon", "Lucy", "Ludwig", "Lukas"),
    *("Maja", "Margaret", "Marie", "Matthias", "Max", "Mia", "Nils", "Nora", "Oliver", "Olga"),
    *("Oscar", "Paul", "Petra", "Rosa", "Ruth", "Samir", "Sebastian", "Sophie", "Sören"),
    *("Theo", "Thomas", "Tilda", "Ursula", "Viktor", "Walter", "William", "Yasemin", "Zoë"),
)
LAST_NAMES = (
    *("Adler", "Allen", "Arslan", "Bach", "Baker", "Bauer", "Becker", "Bennett", "Bergmann"),
    *("Böhm", "Brandt", "Braun", "Brown", "Carter", "Clark", "Cooper", "Dietrich", "Edwards"),
    *("Engel", "Evans", "Fischer", "Frank", "Fuchs", "Graf", "Green", "Groß", "Günther"),
    *("Hall", "Hansen", "Harris", "Hartmann", "Hoffmann", "Huber", "Hughes", "Jäger", "Jansen"),
    *("Jones", "Kaiser", "Kaya", "Keller", "King", "Klein", "Köhler", "König", "Krüger"),
    *("Lange", "Lehmann", "Lewis", "Lorenz", "Maier", "Martin", "Mayer", "Möller", "Moore"),
    *("Müller", "Murphy", "Neumann", "Nowak", "Özdemir", "Parker", "Peters", "Pfeiffer"),
    *("Richter", "Roberts", "Roth", "Sauer", "Schäfer", "Schmidt", "Schneider", "Scholz"),
    *("Schröder", "Schulz", "Schwarz", "Shaw", "Simon", "Smith", "Stein", "Taylor", "Thomas"),
    *("Turner", "Vogel", "Wagner", "Walker", "Weber", "Weiß", "Werner", "White", "Winkler"),
    *("Winter", "Wolf", "Wood", "Wright", "Yılmaz", "Young", "Ziegler", "Zimmermann"),
)
TRADES = (
    *("Autohaus", "Bäckerei", "Brewery", "Buchhandlung", "Carpentry", "Dachdeckerei", "Dairy"),
    *("Druckerei", "Elektro", "Fahrschule", "Florist", "Gärtnerei", "Hotel", "Joinery"),
    *("Konditorei", "Logistik", "Malerbetrieb", "Metzgerei", "Optik", "Pharmacy", "Pottery"),
    *("Printing", "Reederei", "Sanitär", "Schlosserei", "Schreinerei", "Textiles", "Tischlerei"),
    *("Travel", "Weingut"),
)
FORMS = ("GmbH", "KG", "OHG", "AG", "Ltd", "UG", "e.K")
CITIES = ("Kiel", "Köln", "München", "Leipzig", "Hamburg", "London", "Leeds", "Bristol")
TAGS = (
    ("Buchhaltung", "#1d4ed8"),
    ("Lohn", "#15803d"),
    ("Jahresabschluss", "#b45309"),
    ("Einkommensteuer", "#7c3aed"),
    ("Umsatzsteuer", "#be123c"),
    ("Gründung", "#0f766e"),
    ("Key client", "#a16207"),
    ("Payroll", "#4d7c0f"),
    ("Probate", "#6d28d9"),
    ("Audit", "#0369a1"),
    ("Family", "#c2410c"),
    ("Dormant", "#57534e"),
)
