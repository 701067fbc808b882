var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
var app = builder.Build();

var articles = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "articles.csv"));
var infrastructure = Environment.GetEnvironmentVariable("MAESTRO_INFRASTRUCTURE") ?? ".";
var banner = Path.Combine(infrastructure, "config", "banner.txt");

app.MapGet("/", () => $"shop 2: {articles.Length} articles, {(File.Exists(banner) ? File.ReadAllText(banner).Trim() : "no banner")}");
app.MapGet("/articles", () => articles.Select(line => line.Split(',')).Select(parts => new { name = parts[0], price = parts[1] }));
app.MapGet("/healthz", () => "ok");

app.Run($"http://127.0.0.1:{Environment.GetEnvironmentVariable("PORT")}");
