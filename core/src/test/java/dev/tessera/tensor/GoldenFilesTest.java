package dev.tessera.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The whole golden set, against the list of files and tensors that came with it. */
class GoldenFilesTest {
  private static final Pattern TITLE =
      Pattern.compile("### (\\S+\\.safetensors) \\(\\d+ bytes, (\\d+) tensors\\)");
  private static final Pattern TENSOR = Pattern.compile("`([^`]+)` ([A-Z0-9]+)\\[([0-9, ]*)\\]");

  @Test
  void everyFileHoldsTheTensorsThatAreListed() throws IOException {
    Path readme = GoldenTensors.path("README.md");
    int files = 0;
    for (String section : Files.readString(readme).split("(?m)^(?=### )", -1)) {
      Matcher title = TITLE.matcher(section);
      if (title.lookingAt()) {
        files++;
        List<TensorInfo> listed = tensors(section);
        assertThat(listed).hasSize(Integer.parseInt(title.group(2)));
        assertHolds(readme.resolveSibling(title.group(1)), listed);
      }
    }
    assertThat(files).isGreaterThan(15);
  }

  private static List<TensorInfo> tensors(String section) {
    List<TensorInfo> tensors = new ArrayList<>();
    for (Matcher tensor = TENSOR.matcher(section); tensor.find(); ) {
      List<Long> shape =
          Arrays.stream(tensor.group(3).split(", ", 0))
              .filter(dimension -> !dimension.isEmpty())
              .map(Long::valueOf)
              .toList();
      tensors.add(new TensorInfo(tensor.group(1), DType.valueOf(tensor.group(2)), shape));
    }
    return tensors;
  }

  private static void assertHolds(Path file, List<TensorInfo> listed) throws IOException {
    try (Safetensors golden = Safetensors.open(file)) {
      assertThat(golden.names().stream().map(golden::info))
          .as(file.getFileName().toString())
          .containsExactlyInAnyOrderElementsOf(listed);
      for (TensorInfo tensor : listed) {
        if (DType.WEIGHTS.contains(tensor.dtype())) {
          assertThat(Arrays.stream(golden.doubles(tensor.name())).allMatch(Double::isFinite))
              .as(file.getFileName() + " " + tensor.name())
              .isTrue();
        }
      }
    }
  }
}
