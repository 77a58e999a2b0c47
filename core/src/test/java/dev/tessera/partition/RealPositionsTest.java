package dev.tessera.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tessera.imagery.ViewId;
import dev.tessera.partition.ChunkPlanner.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The laws on the positions of real photo collections, where they are there. */
class RealPositionsTest {
  private static final int[] MAX_VIEWS = {12, 20, 40, 60};

  @Test
  void realCollectionsKeepTheLaws() throws IOException {
    Path data = shared().resolve("data");
    assumeTrue(Files.isDirectory(data), "no photo collections at " + data);
    List<Path> tables;
    try (Stream<Path> folders = Files.list(data)) {
      tables =
          folders.map(f -> f.resolve("gps.csv")).filter(Files::isRegularFile).sorted().toList();
    }
    for (Path table : tables) {
      List<ViewSite> sites = read(table);
      assertThat(sites).isNotEmpty();
      for (int maxViews : MAX_VIEWS) {
        Config config = Config.ofMaxViews(maxViews);
        Partition partition = ChunkPlanner.plan(sites, config);
        System.out.printf(
            "%s (%d), at most %d: %s%n",
            table.getParent().getFileName(),
            sites.size(),
            maxViews,
            PartitionLaws.summary(partition));
        PartitionLaws.check(partition, sites, config);
      }
    }
  }

  private static Path shared() {
    String named = System.getenv("TESSERA_SHARED");
    if (named != null) {
      return Path.of(named);
    }
    Path besideModule = Path.of("../../shared");
    return Files.isDirectory(besideModule) ? besideModule : Path.of("../shared");
  }

  private static List<ViewSite> read(Path table) throws IOException {
    List<String> lines = Files.readAllLines(table);
    List<String> columns = List.of(lines.get(0).split(",", -1));
    List<ViewSite> sites = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",", -1);
      String east = cells[columns.indexOf("east_m")];
      String north = cells[columns.indexOf("north_m")];
      int order = sites.size();
      sites.add(
          east.isEmpty()
              ? ViewSite.unpositioned(new ViewId(order), order)
              : new ViewSite(
                  new ViewId(order), Double.parseDouble(east), Double.parseDouble(north), order));
    }
    return sites;
  }
}
