package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  @TempDir Path temp;

  @Test
  void theLineStrengthensTheFileAndTheFileTheDefaults() throws IOException {
    Path file =
        Files.writeString(
            temp.resolve("my.conf"), "merge { voxel-m = 0.5 }\nsfm.neighbours = 12 # more\n");

    Settings settings = Settings.defaults().withFile(file).withOverride("merge.voxel-m=0.25");

    assertThat(settings.number("merge.voxel-m")).isEqualTo(0.25);
    assertThat(settings.integer("sfm.neighbours")).isEqualTo(12);
    assertThat(settings.integer("partition.max-views-per-chunk"))
        .isEqualTo(Settings.defaults().integer("partition.max-views-per-chunk"));
    assertThat(settings.changed())
        .isEqualTo(Map.of("merge.voxel-m", "0.25", "sfm.neighbours", "12"));
  }

  /** The defaults write the name as one key; whoever overrides it need not. */
  @ParameterizedTest
  @ValueSource(
      strings = {"spark.conf.spark.ui.enabled=true", "spark.conf.\"spark.ui.enabled\"=true"})
  void settingsOfSparkAreOverriddenHoweverTheyAreWritten(String assignment) {
    Settings settings = Settings.defaults().withOverride(assignment);

    assertThat(settings.sparkConf()).containsEntry("spark.ui.enabled", "true");
    assertThat(settings.changed()).hasSize(1);
  }

  @Test
  void settingsAreValuesThatOverridesDoNotChange() {
    Settings defaults = Settings.defaults();

    defaults.withOverride("merge.voxel-m=0.25");

    assertThat(defaults.text("merge.voxel-m")).isEqualTo("auto");
    assertThat(defaults.changed()).isEmpty();
  }

  @Test
  void theLaterOfTwoOverridesWins() {
    assertThat(
            Settings.defaults()
                .withOverride("align.max-points-per-view=2")
                .withOverride("align.max-points-per-view = 3")
                .integer("align.max-points-per-view"))
        .isEqualTo(3);
  }

  @Test
  void settingsOfAnEarlierRunAreTakenOverButForSectionsThatAreLeftOutAndUnknownKeys() {
    Settings earlier =
        Settings.defaults()
            .withOverride("sfm.neighbours=12")
            .withOverride("merge.voxel-m=0.25")
            .withOverride("spark.master=local[7]");
    Map<String, String> recorded = new HashMap<>(earlier.all());
    recorded.put("sfm.no-longer-known", "1");

    Settings settings =
        Settings.defaults()
            .withOverride("spark.master=local[1]")
            .withRecorded(recorded, Set.of("spark"));

    assertThat(settings.changed())
        .isEqualTo(
            Map.of("merge.voxel-m", "0.25", "sfm.neighbours", "12", "spark.master", "local[1]"));
  }

  @Test
  void aSectionsTextSaysEverythingInItAndNothingElse() {
    Settings defaults = Settings.defaults();
    Settings changed = defaults.withOverride("merge.voxel-m=0.25");

    assertThat(defaults.canonical("merge"))
        .isEqualTo(
            """
            merge.gps-bias=off
            merge.gps-bias-sigma-m=5
            merge.gps-bias-vertical-sigma-m=15
            merge.gps-sigma-m=0
            merge.scale-prior=free
            merge.voxel-m=auto
            """);
    assertThat(changed.canonical("merge")).isNotEqualTo(defaults.canonical("merge"));
    assertThat(changed.canonical("ingest", "partition"))
        .isEqualTo(defaults.canonical("ingest", "partition"));
  }

  /** So that the same number written otherwise is not another result. */
  @Test
  void aDefaultThatIsWrittenOutIsNoChange() {
    Settings spelled = Settings.defaults().withOverride("align.max-points-per-view=400");

    assertThat(spelled.changed()).isEmpty();
    assertThat(spelled.canonical("align")).isEqualTo(Settings.defaults().canonical("align"));
  }

  @Test
  void sparkSettingsKeepTheirNamesAndAreNotChecked() throws IOException {
    Path file =
        Files.writeString(temp.resolve("spark.conf"), "spark.conf { \"spark.any.thing\" = 7 }");

    Settings settings =
        Settings.defaults().withFile(file).withOverride("spark.conf.spark.task.cpus=2");

    assertThat(settings.sparkConf())
        .containsEntry("spark.any.thing", "7")
        .containsEntry("spark.task.cpus", "2")
        .containsEntry("spark.ui.enabled", "false");
  }

  @Test
  void anUnknownKeyIsAnsweredWithTheNearestOne() {
    assertThatThrownBy(() -> Settings.defaults().withOverride("sfm.max-feature=1"))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "Cannot use setting sfm.max-feature (--set): no such key; the nearest"
                + " is sfm.max-features");
  }

  /** The manifest of every map has all settings. */
  @Test
  void credentialsAreRefusedWithoutBeingRepeated() {
    for (String key :
        List.of(
            "spark.conf.\"spark.hadoop.fs.s3a.secret.key\"",
            "spark.conf.\"spark.hadoop.fs.s3a.bucket.lake.access.key\"",
            "spark.conf.spark.hadoop.fs.s3a.session.token",
            "spark.conf.spark.ssl.keyStorePassword",
            "spark.conf.spark.hadoop.fs.azure.account.key.lake",
            "spark.conf.spark.my.private.key",
            "spark.conf.spark.my.auth.apiKey",
            "spark.hadoop.fs.s3a.secret.key")) { // of which spark.conf. was forgotten
      assertThatThrownBy(() -> Settings.defaults().withOverride(key + "=xyzzy"))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("Cannot use setting ")
          .hasMessageContaining("credentials come from the provider chain")
          .hasMessageNotContaining("xyzzy");
    }
  }

  @Test
  void whatIsNoAssignmentIsNotRepeatedBeyondItsKey() {
    for (String text :
        List.of(
            "spark.hadoop.fs.s3a.secret.key xyzzy",
            "spark.hadoop.fs.s3a.secret.key:xyzzy",
            "spark.hadoop.fs.s3a.encription.key=xyzzy",
            "spark..key=xyzzy")) {
      assertThatThrownBy(() -> Settings.defaults().withOverride(text))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("spark.")
          .hasMessageNotContaining("xyzzy");
    }
  }

  @Test
  void aNumberThatIsNoneIsRefusedByName() {
    assertThatThrownBy(
            () ->
                Settings.defaults()
                    .withOverride("align.max-points-per-view=one")
                    .integer("align.max-points-per-view"))
        .isInstanceOf(UsageException.class)
        .hasMessage("Cannot use setting align.max-points-per-view=one: a number is needed");
  }

  @Test
  void aNumberMayBeWhole() {
    assertThat(Settings.defaults().withOverride("partition.cell-m=3").number("partition.cell-m"))
        .isEqualTo(3);
    assertThatThrownBy(() -> Settings.defaults().withOverride("align.max-points-per-view=1.5"))
        .isInstanceOf(UsageException.class)
        .hasMessage("Cannot use setting align.max-points-per-view=1.5: a whole number is needed");
  }

  @Test
  void aSettingCannotBeTakenAway() throws IOException {
    Path file = Files.writeString(temp.resolve("null.conf"), "merge.voxel-m = null");

    assertThatThrownBy(() -> Settings.defaults().withFile(file))
        .isInstanceOf(UsageException.class)
        .hasMessage("Cannot use setting merge.voxel-m=null: a value is needed");
  }

  @Test
  void everyDefaultIsInItsSection() {
    assertThat(Settings.defaults().all().keySet())
        .isNotEmpty()
        .allMatch(key -> key.matches("[a-z]+\\.[a-z0-9-]+|spark\\.conf\\..+"));
  }
}
