/** @file Towns of the small world: `name | where it lies | famous for | inhabitants | month of its festival`. */

/** One town a line; see the file header for the format. */
export const TOWN_LINES: readonly string[] = [
  'Millbrook|on the river Ash|its old mill|8,000|May',
  'Harbor Bay|by the sea|its red lighthouse|21,000|July',
  'Stonefield|in the hills|its stone bridge|12,000|June',
  'Larkhill|on a hill|its many birds|3,000|April',
  'Fernwood|at the edge of the forest|its mushroom market|5,000|October',
  'Saltmarsh|by the sea|its salt gardens|6,000|August',
  'Old Quarry|in the hills|its deep lake|4,000|September',
  'Applegate|in the valley|its apple trees|9,000|October',
  'Winterton|in the mountains|its long winter|2,000|January',
  'Brightwater|on a clear lake|its rowing club|14,000|July',
  'Copperton|on the railway line|its train museum|30,000|March',
  'Willow Creek|on a small creek|its puppet theater|7,000|May',
  'Northgate|on the big road|its clock tower|45,000|December',
  'Sandport|by the sea|its sand castles|11,000|August',
  'Maplewood|in the forest|its maple syrup|6,000|February',
  'Kingsbridge|on the river Ash|its seven bridges|60,000|June',
  'Highmoor|on the moor|its fog|1,000|November',
  'Rosedale|in the valley|its roses|10,000|June',
  'Beacon Point|by the sea|its wind|3,000|September',
  'Tinwell|in the plains|its huge fair|18,000|September',
  'Foxhollow|in the forest|its night market|2,000|November',
  'Lowbridge|on the river Ash|its crooked houses|16,000|April',
  'Pearl Beach|by the sea|its blue boats|7,000|May',
  'Oldtown|in the plains|its brick towers|25,000|March',
];
