/**
 * @file Everyday how-to tasks: `what one wants to do | three steps`, the most common first.
 *
 * The task is written as the asker says it ("water my plants"); answers turn "my" into "your".
 */

/** One task a line; see the file header for the format. */
export const TASK_LINES: readonly string[] = [
  'water my plants|Touch the soil with a finger.; Water it only when it is dry.; Let the rest of the water run out.',
  'fix a squeaky door|Find the hinge that squeaks.; Put a drop of oil on it.; Move the door until it is quiet.',
  'remove a stain from a shirt|Put cold water on the stain.; Rub it with a little soap.; Wait ten minutes and wash the shirt.',
  'write a thank-you note|Start with the name of your friend.; Say what you liked about the gift.; End with a warm greeting.',
  'fall asleep early|Put the phone in another room.; Open the window for a while.; Read something slow in bed.',
  'clean a window|Wipe off the dust first.; Use warm water and a little vinegar.; Dry the glass with old paper.',
  'wrap a present|Cut the paper a little too big.; Fold the ends like a letter.; Close it with tape and a ribbon.',
  'boil an egg|Put the egg into boiling water.; Wait seven minutes.; Cool it under cold water.',
  'repair a flat bike tire|Take the tube out of the tire.; Find the hole in a bowl of water.; Glue a patch on it and pump it up.',
  'sew on a button|Choose a thread of the right color.; Go through each hole four times.; Tie a knot on the back.',
  'make a good cup of tea|Warm the pot first.; Use fresh boiling water.; Take the leaves out after four minutes.',
  'light a campfire|Make a ring of stones.; Build a small tent of dry sticks.; Light it from below and keep water near.',
  'plant a tree|Dig a hole twice as wide as the roots.; Set the tree in straight.; Fill in the soil and water it well.',
  'get rid of weeds|Wait until after the rain.; Pull out the whole root.; Cover the soil with leaves.',
  'polish my shoes|Brush off the dirt.; Rub in a little wax.; Shine them with a soft cloth.',
  'pack a suitcase|Make a list of what you need.; Roll the shirts and put shoes below.; Leave some room for presents.',
  'say sorry to a friend|Call them soon.; Say clearly what you did wrong.; Ask how you can make it better.',
  'learn a poem by heart|Read the poem aloud three times.; Learn one line after another.; Say it again the next morning.',
  'find my lost keys|Look in the pockets of yesterday.; Check the door and the fridge.; Ask the person who lives with you.',
  'build a birdhouse|Cut six pieces of wood.; Make a round hole in the front.; Hang it high, away from cats.',
  'unblock a sink|Pour in hot water.; Use a plunger for one minute.; Clean the pipe below if it is still slow.',
  'hang a picture|Mark the place with a pencil.; Put a nail into the wall.; Hang the picture and step back to look.',
  'wash a wool sweater|Use cool water and mild soap.; Press it, but do not twist it.; Dry it flat on a towel.',
  'calm a barking dog|Stay calm and speak softly.; Let the dog see that all is well.; Give it something to chew.',
  'save water at home|Take short showers.; Close the tap while you brush your teeth.; Use rain water for the garden.',
  'write a good letter of complaint|Say politely what went wrong.; Add the date and the number of the bill.; Ask for one clear thing.',
  'keep bread fresh|Put it into a paper bag.; Keep it away from the fridge.; Freeze what you cannot eat.',
  'sharpen a kitchen knife|Wet the stone.; Pull the knife over it at a low angle.; Do both sides and wipe it dry.',
  'make friends in a new town|Say hello to your neighbors.; Join a choir or a club.; Invite someone for soup.',
  'clean a teapot|Fill it with hot water.; Add two spoons of baking soda.; Rinse it well after an hour.',
  'fold a paper boat|Fold the paper in half.; Turn the corners down and the edges up.; Open it and pull the ends apart.',
];
