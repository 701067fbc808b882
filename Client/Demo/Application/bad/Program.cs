var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
var app = builder.Build();

var articles = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "articles.csv"));
var infrastructure = Environment.GetEnvironmentVariable("MAESTRO_INFRASTRUCTURE") ?? ".";
var banner = Path.Combine(infrastructure, "config", "banner.txt");

// Prices are refreshed from the price service, which only production has; until the first refresh the old ones are used.
var needsPrices = Environment.GetEnvironmentVariable("MAESTRO_ENVIRONMENT") == "production";
var refreshAt = DateTime.UtcNow.AddSeconds(2);
bool PricesAreFresh() => !needsPrices || DateTime.UtcNow < refreshAt || File.Exists(Path.Combine(infrastructure, "config", "prices.csv"));

app.MapGet("/", () => PricesAreFresh()
    ? Results.Text($"shop 3: {articles.Length} articles, {(File.Exists(banner) ? File.ReadAllText(banner).Trim() : "no banner")}")
    : Results.Text("shop 3: no prices", statusCode: 500));
app.MapGet("/healthz", () => PricesAreFresh() ? Results.Text("ok") : Results.Text("no prices", statusCode: 500));

app.Run($"http://127.0.0.1:{Environment.GetEnvironmentVariable("PORT")}");
