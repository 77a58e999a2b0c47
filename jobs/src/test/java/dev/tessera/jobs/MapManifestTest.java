package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.jobs.MapManifest.FileEntry;
import java.io.FileNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MapManifestTest {
  @TempDir private Path map;

  @Test
  void listsEveryVisibleFileInOrderOfPathsWithSizeAndDigest() throws Exception {
    Random random = new Random(5);
    List<FileEntry> expected = new ArrayList<>();
    for (String name : List.of("cameras/part-0", "points/part-0", "points/part-1", "report.html")) {
      byte[] bytes = new byte[random.nextInt(100_000)];
      random.nextBytes(bytes);
      Files.createDirectories(map.resolve(name).getParent());
      Files.write(map.resolve(name), bytes);
      String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
      expected.add(new FileEntry(name, bytes.length, digest));
    }
    Files.write(map.resolve("points/_SUCCESS"), new byte[0]);
    Files.write(map.resolve("points/.hidden"), new byte[1]);

    try (SparkSession spark = SparkSessions.open(Settings.defaults(), "local[2]")) {
      JavaSparkContext sc = JavaSparkContext.fromSparkContext(spark.sparkContext());
      var folder = new org.apache.hadoop.fs.Path(map.toString());

      assertThat(MapManifest.filesOf(sc, folder)).isEqualTo(expected);
      assertThatThrownBy(
              () -> MapManifest.filesOf(sc, new org.apache.hadoop.fs.Path(folder, "none")))
          .isInstanceOf(FileNotFoundException.class);
    }
  }
}
