package dev.tessera.jobs.report;

import dev.tessera.jobs.report.MapReport.Chunk;
import dev.tessera.jobs.report.MapReport.Stage;
import java.util.List;
import java.util.Locale;

/** Lists of horizontal bars: chunks by size, stages by time. */
final class Bars {
  private static final int MOST_CHUNKS = 100;

  private Bars() {}

  /** Per chunk its registered and missing views; halo views beside, paler. */
  static void chunks(Markup m, List<Chunk> chunks, ChunkColors colors) {
    long most = chunks.stream().mapToLong(Bars::views).max().orElse(1);
    m.open("ol", "class", "bars");
    chunks.stream().limit(MOST_CHUNKS).forEach(chunk -> chunk(m, chunk, colors, Math.max(1, most)));
    m.end();
    if (chunks.size() > MOST_CHUNKS) {
      m.element(
          "p",
          "The first %s of %s chunks."
              .formatted(Numbers.count(MOST_CHUNKS), Numbers.count(chunks.size())),
          "class",
          "note");
    }
  }

  private static long views(Chunk chunk) {
    return Math.max(chunk.registered(), (long) chunk.owned() + chunk.halo());
  }

  private static void chunk(Markup m, Chunk chunk, ChunkColors colors, long most) {
    m.open("li", "data-chunk", chunk.id());
    m.open("span", "class", "name");
    m.open("i", "class", "swatch " + colors.classOf(chunk.id())).close();
    m.text(" chunk " + chunk.id()).close();
    m.open("span", "class", "track");
    part(m, colors.classOf(chunk.id()), chunk.registered(), most);
    part(m, "missing", views(chunk) - chunk.registered(), most);
    m.close();
    m.open("span", "class", "value");
    m.text(Numbers.count(chunk.registered()) + " of " + Numbers.count(views(chunk)));
    m.element("small", chunk.status(), "class", chunk.inMap() ? "good" : "bad").close();
    m.end();
  }

  static void stages(Markup m, List<Stage> stages) {
    double total = stages.stream().mapToDouble(Stage::seconds).sum();
    double most = stages.stream().mapToDouble(Stage::seconds).max().orElse(1);
    m.open("ol", "class", "bars");
    for (Stage stage : stages) {
      m.open("li").element("span", stage.name(), "class", "name");
      m.open("span", "class", "track");
      part(m, "time", stage.seconds(), Math.max(most, 1e-9));
      m.close();
      m.open("span", "class", "value").text(Numbers.duration(stage.seconds()));
      m.element("small", share(stage, total)).close().end();
    }
    m.end();
  }

  private static String share(Stage stage, double total) {
    String share = total > 0 ? Numbers.fixed(100 * stage.seconds() / total, 0) + " %" : "";
    return stage.items() > 0
        ? "%s · %s %s".formatted(share, Numbers.count(stage.items()), stage.item())
        : share;
  }

  private static void part(Markup m, String name, double value, double most) {
    if (value > 0) {
      String width = String.format(Locale.ROOT, "width:%.2f%%", 100 * value / most);
      m.open("i", "class", "part " + name, "style", width).close();
    }
  }
}
