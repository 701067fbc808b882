var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
var app = builder.Build();

var articles = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "articles.csv"));

app.MapGet("/", () => $"shop 1: {articles.Length} articles");
app.MapGet("/healthz", () => "ok");

app.Run($"http://127.0.0.1:{Environment.GetEnvironmentVariable("PORT")}");
