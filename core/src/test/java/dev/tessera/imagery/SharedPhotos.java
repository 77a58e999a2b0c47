package dev.tessera.imagery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tessera.imagery.PhotoOutcome.Accepted;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;

/** The real photo sets beside the repository; tests that need one are skipped where it is not. */
final class SharedPhotos {
  private SharedPhotos() {}

  /** A folder or file below the data sets. */
  static Path path(String below) {
    return find("data", below, "data set");
  }

  /** A folder or file below the golden tensors. */
  static Path golden(String below) {
    return find("golden", below, "golden set");
  }

  private static Path find(String kind, String below, String words) {
    String named = System.getenv("TESSERA_SHARED");
    List<Path> roots =
        named != null
            ? List.of(Path.of(named))
            : List.of(Path.of("..", "shared"), Path.of("..", "..", "shared"));
    Path found =
        roots.stream()
            .map(root -> root.resolve(kind).resolve(below))
            .filter(Files::exists)
            .findFirst()
            .orElse(null);
    assumeTrue(found != null, () -> words + " " + below + " is not there; set TESSERA_SHARED");
    return found;
  }

  /** All photos of a folder, in natural order; every one must be accepted. */
  static List<View> views(String folder) throws IOException {
    PhotoReader reader = new PhotoReader(PhotoReader.Config.defaults());
    List<View> views = new ArrayList<>();
    try (Stream<Path> files = Files.list(path(folder))) {
      for (Path file : files.toList()) {
        String name = folder + "/" + file.getFileName();
        PhotoOutcome outcome = reader.read(file.toString(), name, Files.readAllBytes(file));
        assertThat(outcome).as(name).isInstanceOf(Accepted.class);
        views.add(((Accepted) outcome).view());
      }
    }
    views.sort(SequenceOrder.BY_NAME);
    return views;
  }

  static List<CSVRecord> csv(String file) throws IOException {
    CSVFormat format = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();
    try (Reader reader = Files.newBufferedReader(path(file))) {
      return format.parse(reader).getRecords();
    }
  }
}
